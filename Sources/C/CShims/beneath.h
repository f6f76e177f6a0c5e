// Files below a folder: openat2(2) and inotify(7). glibc 2.36 has no openat2, so it is called by its number, which the
// architecture's header gives.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

// openat2(2): the kernel refuses to leave `directory` (EXDEV), by "..", by a link or by /proc's magic links (ELOOP).
static inline int aurora_open_beneath(int directory, const char *path, int flags, mode_t mode) {
    struct open_how how;
    __builtin_memset(&how, 0, sizeof(how));
    how.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC);
    how.mode = (flags & O_CREAT) ? mode : 0;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
}

// openat2(2): `directory` is the root for links and "..", which then lead to something inside; magic links are refused.
static inline int aurora_open_in_root(int directory, const char *path, int flags) {
    struct open_how how;
    __builtin_memset(&how, 0, sizeof(how));
    how.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
}
