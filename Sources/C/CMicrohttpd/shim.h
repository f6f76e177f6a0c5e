#pragma once
#include <microhttpd.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <gnutls/abstract.h>

// Macros that cast are not imported into Swift.
static const uint64_t AURORA_MHD_SIZE_UNKNOWN = (uint64_t) -1;
static const ssize_t AURORA_MHD_END_OF_STREAM = -1;
static const ssize_t AURORA_MHD_END_WITH_ERROR = -2;

// MHD_get_connection_info is variadic, so it is not imported into Swift; one function for each question asked.
static inline void *aurora_mhd_socket_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : 0;
}
static inline int aurora_mhd_descriptor(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}
static inline const struct sockaddr *aurora_mhd_address(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : 0;
}
static inline size_t aurora_mhd_header_size(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info ? info->header_size : 0;
}
static inline gnutls_session_t aurora_mhd_tls_session(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info ? (gnutls_session_t) info->tls_session : 0;
}

// glibc's struct tcp_info lacks tcpi_bytes_acked and the kernel's header cannot be included beside glibc's: the field
// lies at byte 120 of TCP_INFO (linux/tcp.h, kernel 4.1 and later), the state in the first byte. Gives 0, or -1 and errno.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <string.h>
static inline int aurora_tcp_progress(int socket, int *state, uint64_t *acknowledged) {
    unsigned char info[256];
    socklen_t size = sizeof info;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, info, &size) != 0) {
        return -1;
    }
    *state = info[0];
    *acknowledged = 0;
    if (size >= 128) {
        memcpy(acknowledged, info + 120, sizeof *acknowledged);
    }
    return 0;
}

// Swift cannot make a function that takes a va_list, so the library's log messages come through this adapter; only the
// format is handed on, never what a client sent.
typedef struct {
    void *context;
    void (*function)(void *context, const char *format);
} aurora_mhd_log_target;
static inline void aurora_mhd_log(void *target, const char *format, va_list arguments) {
    (void) arguments;
    ((aurora_mhd_log_target *) target)->function(((aurora_mhd_log_target *) target)->context, format);
}
static inline intptr_t aurora_mhd_log_adapter(void) {
    return (intptr_t) aurora_mhd_log;
}

// Flags that glibc declares as enumerators and macros of the same name, which Swift does not see.
static const int AURORA_MSG_DONTWAIT = MSG_DONTWAIT;
static const int AURORA_MSG_PEEK = MSG_PEEK;
static const int AURORA_MSG_NOSIGNAL = MSG_NOSIGNAL;
