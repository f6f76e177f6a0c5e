// A library for LD_PRELOAD that counts every call which changes a file system, and kills or fails at one of them.
//
//   CRASH_AT=n      kill -9 before call n runs
//   CRASH_AFTER=n   kill -9 after call n has run
//   TEAR_AT=n       if call n writes: write half of it, then kill -9; otherwise as CRASH_AT
//   FAIL_AT=n       call n does not run and fails with FAIL_ERRNO (a number, EIO when unset);
//                   FAIL_STICKY=1: so do all calls after it; ENOSPC and EDQUOT then spare calls that free or sync
//   COUNT_TO=file   appends one line "number call thing" for every counted call
//   COUNT_FD=n      the same, to an inherited descriptor: for a child that may open no files
//
// Only calls through libc symbols are seen; the sweep compares its list with strace so that nothing hides.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { ALLOCATES, WRITES, OTHER };

static atomic_long calls;
static long crash_at, crash_after, tear_at, fail_at, fail_errno, fail_sticky;
static int count_file = -1;

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void) {
    crash_at = number("CRASH_AT");
    crash_after = number("CRASH_AFTER");
    tear_at = number("TEAR_AT");
    fail_at = number("FAIL_AT");
    fail_errno = getenv("FAIL_ERRNO") ? number("FAIL_ERRNO") : EIO;
    fail_sticky = number("FAIL_STICKY");
    const char *list = getenv("COUNT_TO");
    // By number: the wrappers below must not count this.
    if (getenv("COUNT_FD")) { count_file = (int)number("COUNT_FD"); }
    if (list) { count_file = (int)syscall(SYS_openat, AT_FDCWD, list, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600); }
}

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    // A child behind seccomp may send no signal; ending at once, with nothing run, does the same to the disk.
    syscall(SYS_exit_group, 137);
    for (;;) { pause(); }
}

static void note(long n, const char *call, const char *thing) {
    if (count_file < 0) { return; }
    char line[512];
    int length = snprintf(line, sizeof line, "%ld %s %s\n", n, call, thing ? thing : "");
    if (length > (int)sizeof line - 1) { length = sizeof line - 1; }
    if (syscall(SYS_write, count_file, line, length) != length) { abort(); }
}

// Counts a call; kills, or answers whether it must fail.
static int must_fail(long n, enum kind kind) {
    if (n == crash_at || (n == tear_at && kind != WRITES)) { die(); }
    if (fail_at == 0 || n < fail_at || (n > fail_at && !fail_sticky)) { return 0; }
    if (n > fail_at && (fail_errno == ENOSPC || fail_errno == EDQUOT) && kind == OTHER) { return 0; }
    errno = (int)fail_errno;
    return 1;
}

static void done(long n) {
    if (n == crash_after) { die(); }
}

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) {
    void *symbol = dlsym(RTLD_NEXT, name);
    if (symbol == NULL) { abort(); }
    return symbol;
}

// Runs one call that is always counted.
#define COUNTED(kind, thing, result_type, call) \
    long n = atomic_fetch_add(&calls, 1) + 1;    \
    note(n, __func__, thing);                    \
    if (must_fail(n, kind)) { return -1; }       \
    result_type result = call;                   \
    int saved = errno;                           \
    done(n);                                     \
    errno = saved;                               \
    return result

static const char *name_of(int descriptor) {
    static _Thread_local char target[256];
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, target, sizeof target - 1);
    target[length < 0 ? 0 : length] = 0;
    return target;
}

// A regular file of a file system; memory files (memfd_create) are on no disk.
static int is_regular(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
           strncmp(name_of(descriptor), "/memfd:", 7) != 0;
}

// MARK: opening

#define MODE_ARGUMENT                                     \
    mode_t mode = 0;                                      \
    if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE) { \
        va_list list;                                     \
        va_start(list, flags);                            \
        mode = va_arg(list, mode_t);                      \
        va_end(list);                                     \
    }

#define OPENS(name)                                                                  \
    int name(const char *path, int flags, ...) {                                     \
        MODE_ARGUMENT                                                                \
        if (!(flags & (O_CREAT | O_TRUNC))) { return REAL(name)(path, flags, mode); } \
        COUNTED(ALLOCATES, path, int, REAL(name)(path, flags, mode));                \
    }
OPENS(open)
OPENS(open64)

#define OPENS_AT(name)                                                                          \
    int name(int directory, const char *path, int flags, ...) {                                 \
        MODE_ARGUMENT                                                                           \
        if (!(flags & (O_CREAT | O_TRUNC))) { return REAL(name)(directory, path, flags, mode); } \
        COUNTED(ALLOCATES, path, int, REAL(name)(directory, path, flags, mode));                \
    }
OPENS_AT(openat)
OPENS_AT(openat64)

int creat(const char *path, mode_t mode) { COUNTED(ALLOCATES, path, int, REAL(creat)(path, mode)); }
int creat64(const char *path, mode_t mode) { COUNTED(ALLOCATES, path, int, REAL(creat64)(path, mode)); }

// MARK: writing

#define WRITE_BODY(descriptor, length, whole, half)                          \
    if (!is_regular(descriptor)) { return whole; }                            \
    long n = atomic_fetch_add(&calls, 1) + 1;                                 \
    note(n, __func__, name_of(descriptor));                                   \
    if (must_fail(n, WRITES)) { return -1; }                                  \
    if (n == tear_at) {                                                       \
        if (half < 0) { abort(); }                                            \
        die();                                                                \
    }                                                                         \
    ssize_t result = whole;                                                   \
    int saved = errno;                                                        \
    done(n);                                                                  \
    errno = saved;                                                            \
    return result

ssize_t write(int descriptor, const void *bytes, size_t length) {
    WRITE_BODY(descriptor, length, REAL(write)(descriptor, bytes, length), REAL(write)(descriptor, bytes, length / 2));
}
ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset) {
    WRITE_BODY(descriptor, length, REAL(pwrite)(descriptor, bytes, length, offset),
               REAL(pwrite)(descriptor, bytes, length / 2, offset));
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t offset) {
    WRITE_BODY(descriptor, length, REAL(pwrite64)(descriptor, bytes, length, offset),
               REAL(pwrite64)(descriptor, bytes, length / 2, offset));
}
ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    WRITE_BODY(descriptor, 0, REAL(writev)(descriptor, parts, count), REAL(writev)(descriptor, parts, count / 2));
}
ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
    WRITE_BODY(descriptor, 0, REAL(pwritev)(descriptor, parts, count, offset),
               REAL(pwritev)(descriptor, parts, count / 2, offset));
}
ssize_t sendfile(int to, int from, off_t *offset, size_t length) {
    WRITE_BODY(to, length, REAL(sendfile)(to, from, offset, length), REAL(sendfile)(to, from, offset, length / 2));
}
ssize_t copy_file_range(int from, off64_t *in, int to, off64_t *out, size_t length, unsigned int flags) {
    WRITE_BODY(to, length, REAL(copy_file_range)(from, in, to, out, length, flags),
               REAL(copy_file_range)(from, in, to, out, length / 2, flags));
}

// MARK: making durable

int fsync(int descriptor) { COUNTED(OTHER, name_of(descriptor), int, REAL(fsync)(descriptor)); }
int fdatasync(int descriptor) { COUNTED(OTHER, name_of(descriptor), int, REAL(fdatasync)(descriptor)); }
int syncfs(int descriptor) { COUNTED(OTHER, name_of(descriptor), int, REAL(syncfs)(descriptor)); }
void sync(void) {
    long n = atomic_fetch_add(&calls, 1) + 1;
    note(n, __func__, "");
    if (must_fail(n, OTHER)) { return; }
    REAL(sync)();
    done(n);
}

// MARK: names

int rename(const char *from, const char *to) { COUNTED(ALLOCATES, to, int, REAL(rename)(from, to)); }
int renameat(int a, const char *from, int b, const char *to) {
    COUNTED(ALLOCATES, to, int, REAL(renameat)(a, from, b, to));
}
int renameat2(int a, const char *from, int b, const char *to, unsigned int flags) {
    // An exchange (flag 2) makes no new name, so a full disk has nothing to refuse.
    COUNTED(flags & 2 ? OTHER : ALLOCATES, to, int, REAL(renameat2)(a, from, b, to, flags));
}
int unlink(const char *path) { COUNTED(OTHER, path, int, REAL(unlink)(path)); }
int unlinkat(int directory, const char *path, int flags) {
    COUNTED(OTHER, path, int, REAL(unlinkat)(directory, path, flags));
}
int rmdir(const char *path) { COUNTED(OTHER, path, int, REAL(rmdir)(path)); }
int remove(const char *path) { COUNTED(OTHER, path, int, REAL(remove)(path)); }
int mkdir(const char *path, mode_t mode) { COUNTED(ALLOCATES, path, int, REAL(mkdir)(path, mode)); }
int mkdirat(int directory, const char *path, mode_t mode) {
    COUNTED(ALLOCATES, path, int, REAL(mkdirat)(directory, path, mode));
}
int link(const char *from, const char *to) { COUNTED(ALLOCATES, to, int, REAL(link)(from, to)); }
int linkat(int a, const char *from, int b, const char *to, int flags) {
    COUNTED(ALLOCATES, to, int, REAL(linkat)(a, from, b, to, flags));
}
int symlink(const char *text, const char *path) { COUNTED(ALLOCATES, path, int, REAL(symlink)(text, path)); }
int symlinkat(const char *text, int directory, const char *path) {
    COUNTED(ALLOCATES, path, int, REAL(symlinkat)(text, directory, path));
}

// MARK: sizes, modes, owners

int truncate(const char *path, off_t length) { COUNTED(OTHER, path, int, REAL(truncate)(path, length)); }
int truncate64(const char *path, off64_t length) { COUNTED(OTHER, path, int, REAL(truncate64)(path, length)); }
int ftruncate(int descriptor, off_t length) {
    COUNTED(OTHER, name_of(descriptor), int, REAL(ftruncate)(descriptor, length));
}
int ftruncate64(int descriptor, off64_t length) {
    COUNTED(OTHER, name_of(descriptor), int, REAL(ftruncate64)(descriptor, length));
}
int fallocate(int descriptor, int mode, off_t offset, off_t length) {
    COUNTED(ALLOCATES, name_of(descriptor), int, REAL(fallocate)(descriptor, mode, offset, length));
}
int fallocate64(int descriptor, int mode, off64_t offset, off64_t length) {
    COUNTED(ALLOCATES, name_of(descriptor), int, REAL(fallocate64)(descriptor, mode, offset, length));
}
int chmod(const char *path, mode_t mode) { COUNTED(OTHER, path, int, REAL(chmod)(path, mode)); }
int fchmod(int descriptor, mode_t mode) { COUNTED(OTHER, name_of(descriptor), int, REAL(fchmod)(descriptor, mode)); }
int fchmodat(int directory, const char *path, mode_t mode, int flags) {
    COUNTED(OTHER, path, int, REAL(fchmodat)(directory, path, mode, flags));
}
int chown(const char *path, uid_t user, gid_t group) { COUNTED(OTHER, path, int, REAL(chown)(path, user, group)); }
int fchown(int descriptor, uid_t user, gid_t group) {
    COUNTED(OTHER, name_of(descriptor), int, REAL(fchown)(descriptor, user, group));
}
int fchownat(int directory, const char *path, uid_t user, gid_t group, int flags) {
    COUNTED(OTHER, path, int, REAL(fchownat)(directory, path, user, group, flags));
}
