// libarchive reads the tar; zlib, liblzma and libzstd, which libarchive itself stands on, decode the one filter.
// They are called directly because libarchive 3.6.2 checks neither the CRC nor the length of a gzip member and joins
// a second compression member silently; each decoder's own end of stream is exact.
#pragma once
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

// archive_entry.h spells these as casts, which Swift does not import.
static const unsigned int aurora_type_mask = 0170000;
static const unsigned int aurora_type_file = 0100000;
static const unsigned int aurora_type_symlink = 0120000;
static const unsigned int aurora_type_directory = 0040000;

// LC_CTYPE_MASK is built by a macro that Swift does not import.
static inline locale_t aurora_utf8_locale(void) { return newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0); }

// inflateInit2 is a macro around the versioned function. 31 = window of 32 KiB, gzip container only.
static inline int aurora_gzip_open(z_stream *stream) { return inflateInit2(stream, 31); }
