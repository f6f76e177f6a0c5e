#pragma once
#include <stdlib.h>
#include <yaml.h>

// The event's payload is an anonymous union, whose members Swift reaches only through long tuples; these read one each.
static inline const unsigned char *aurora_yaml_scalar_bytes(const yaml_event_t *e) { return e->data.scalar.value; }
static inline size_t aurora_yaml_scalar_length(const yaml_event_t *e) { return e->data.scalar.length; }
static inline int aurora_yaml_scalar_is_plain(const yaml_event_t *e) { return e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE; }
static inline int aurora_yaml_has_anchor_or_tag(const yaml_event_t *e) {
    switch (e->type) {
    case YAML_SCALAR_EVENT: return e->data.scalar.anchor != 0 || e->data.scalar.tag != 0;
    case YAML_SEQUENCE_START_EVENT: return e->data.sequence_start.anchor != 0 || e->data.sequence_start.tag != 0;
    case YAML_MAPPING_START_EVENT: return e->data.mapping_start.anchor != 0 || e->data.mapping_start.tag != 0;
    default: return 0;
    }
}
// libyaml keeps a pointer into the parser inside the parser, so it must stay where it was made: always on the heap.
static inline yaml_parser_t *aurora_yaml_new(void) {
    yaml_parser_t *p = malloc(sizeof *p);
    if (p && !yaml_parser_initialize(p)) { free(p); return 0; }
    return p;
}
static inline void aurora_yaml_free(yaml_parser_t *p) { yaml_parser_delete(p); free(p); }
