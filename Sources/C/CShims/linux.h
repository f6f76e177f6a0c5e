// Linux calls that Swift's Glibc module does not show: they hide behind _GNU_SOURCE, are variadic, or are macros.
// Every shim calls the glibc symbol, never syscall(2), so that a preloaded test library sees each call.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

// Declared here as well: the module may have been built without _GNU_SOURCE, and a repeated declaration is harmless.
extern int renameat2(int old_directory, const char *old_path, int new_directory, const char *new_path,
                     unsigned int flags);
extern int syncfs(int descriptor);
extern int pipe2(int descriptors[2], int flags);
extern int pidfd_open(pid_t pid, unsigned int flags);
extern int pidfd_send_signal(int pidfd, int signal, siginfo_t *info, unsigned int flags);
extern int close_range(unsigned int first, unsigned int last, int flags);
extern int memfd_create(const char *name, unsigned int flags);
extern int fallocate(int descriptor, int mode, off_t offset, off_t length);
extern int signalfd(int descriptor, const sigset_t *mask, int flags);
extern ssize_t copy_file_range(int in, off_t *in_offset, int out, off_t *out_offset, size_t length,
                               unsigned int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);
extern char **environ;
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

#define AURORA_RENAME_NOREPLACE 1u
#define AURORA_RENAME_EXCHANGE 2u
#define AURORA_SPAWN_SETSID 0x80

// renameat2(2): flags are hidden behind _GNU_SOURCE.
static inline int aurora_renameat2(int old_directory, const char *old_path, int new_directory, const char *new_path,
                                   unsigned int flags) {
    return renameat2(old_directory, old_path, new_directory, new_path, flags);
}

// openat(2) is variadic in C, so Swift does not import it.
static inline int aurora_openat(int directory, const char *path, int flags, mode_t mode) {
    return openat(directory, path, flags, mode);
}

// prctl(2) is variadic.
static inline int aurora_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL); }
static inline int aurora_end_with_parent(int signal) {
    return prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0UL, 0UL, 0UL);
}
static inline int aurora_close_memory(void) { return prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL); }

// syncfs(2): hidden behind _GNU_SOURCE.
static inline int aurora_syncfs(int descriptor) { return syncfs(descriptor); }

// pipe2(2): hidden behind _GNU_SOURCE.
static inline int aurora_pipe2(int descriptors[2], int flags) { return pipe2(descriptors, flags); }

// pidfd_open(2): its header is not in Swift's Glibc module.
static inline int aurora_pidfd_open(pid_t pid) { return pidfd_open(pid, 0); }

// pidfd_send_signal(2): its header is not in Swift's Glibc module.
static inline int aurora_pidfd_send_signal(int pidfd, int signal) { return pidfd_send_signal(pidfd, signal, NULL, 0); }

// close_range(2): hidden behind _GNU_SOURCE.
static inline int aurora_close_range(unsigned int first, unsigned int last, int flags) {
    return close_range(first, last, flags);
}

// memfd_create(2) with MFD_CLOEXEC: hidden behind _GNU_SOURCE.
static inline int aurora_memfd_create(const char *name) { return memfd_create(name, 1u); }

// fallocate(2) with FALLOC_FL_KEEP_SIZE: reserves blocks, leaves the size alone.
static inline int aurora_reserve(int descriptor, off_t offset, off_t length) {
    return fallocate(descriptor, 1, offset, length);
}

// signalfd(2) with SFD_CLOEXEC: its header is not in Swift's Glibc module.
static inline int aurora_signalfd(const sigset_t *mask) { return signalfd(-1, mask, 02000000); }

// statvfs(3): in Swift the structure of the same name hides the function inside a closure.
static inline int aurora_statvfs(const char *path, struct statvfs *facts) { return statvfs(path, facts); }

// copy_file_range(2): hidden behind _GNU_SOURCE.
static inline ssize_t aurora_copy_file_range(int in, int out, size_t length) {
    return copy_file_range(in, NULL, out, NULL, length, 0);
}

// ioctl(2) is variadic; FICLONE of linux/fs.h, whose other names clash with glibc's.
static inline int aurora_share_content(int to, int from) { return ioctl(to, 0x40049409, from); }

// fcntl(2) is variadic in C; these two are what the wrapper needs.
static inline int aurora_duplicate(int descriptor, int at_least) {
    return fcntl(descriptor, F_DUPFD_CLOEXEC, at_least);
}
static inline int aurora_set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? flags : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

// ioctl(2) is variadic in C. Returns the columns of the terminal, or -1.
static inline int aurora_terminal_columns(int descriptor) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) { return -1; }
    return size.ws_col;
}

// waitid(2) with P_PIDFD, which Swift's idtype_t lacks.
// Returns 0 and fills code (CLD_EXITED, CLD_KILLED, CLD_DUMPED) and status; -1 and errno otherwise.
static inline int aurora_wait_pidfd(int pidfd, int *code, int *status) {
    siginfo_t info;
    int result = waitid((idtype_t)3, (id_t)pidfd, &info, WEXITED);
    if (result == 0) {
        *code = info.si_code;
        *status = info.si_status;
    }
    return result;
}

// A directory's birth time in nanoseconds since 1970 by statx(2), or 0 where the file system keeps none.
// statx itself hides behind _GNU_SOURCE, so its buffer is described here (256 bytes, fixed kernel ABI).
struct aurora_statx {
    uint32_t mask, block_size;
    uint64_t attributes;
    uint32_t links, uid, gid;
    uint16_t mode, pad0;
    uint64_t inode, size, blocks, attributes_mask;
    struct {
        int64_t seconds;
        uint32_t nanoseconds;
        int32_t pad;
    } accessed, born, changed, modified;
    uint64_t rest[16];
};
struct statx;
extern int statx(int directory, const char *path, int flags, unsigned int mask, struct statx *buffer);
static inline int64_t aurora_birth_time(int directory, const char *name) {
    struct aurora_statx buffer;
    if (statx(directory, name, 0x100, 0x800u, (struct statx *)&buffer) != 0) { return 0; }
    if ((buffer.mask & 0x800u) == 0) { return 0; }
    return buffer.born.seconds * 1000000000 + (int64_t)buffer.born.nanoseconds;
}

// sendto(2) to a UNIX datagram socket (systemd's notify socket; a leading '@' means the abstract namespace):
// sockaddr_un's flexible length is awkward to build in Swift.
static inline int aurora_send_datagram(const char *path, size_t path_length, const char *text, size_t length) {
    struct sockaddr_un address;
    if (path_length == 0 || path_length >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    __builtin_memset(&address, 0, sizeof(address));
    address.sun_family = AF_UNIX;
    __builtin_memcpy(address.sun_path, path, path_length);
    if (path[0] == '@') { address.sun_path[0] = 0; }
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) { return -1; }
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path_length);
    ssize_t sent = sendto(descriptor, text, length, MSG_NOSIGNAL, (struct sockaddr *)&address, size);
    int saved = errno;
    close(descriptor);
    errno = saved;
    return sent < 0 ? -1 : 0;
}

// pthread_setname_np(3): hidden behind _GNU_SOURCE.
static inline void aurora_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

// environ(7): a global variable, which Swift 6 does not let anybody read.
static inline char **aurora_environment(void) { return environ; }

// socketpair(2) of packets: SOCK_CLOEXEC is an enum in C and not a number in Swift.
static inline int aurora_packet_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends); }

// sendmsg(2) with SCM_RIGHTS: the control message macros are not imported. At most 250 descriptors; does not wait.
static inline ssize_t aurora_send_packet(int socket, const void *bytes, size_t size, const int *descriptors, int count) {
    union {
        char bytes[CMSG_SPACE(250 * sizeof(int))];
        struct cmsghdr aligned;
    } control;
    struct iovec part = {(void *)(uintptr_t)bytes, size};
    struct msghdr message;
    __builtin_memset(&message, 0, sizeof(message));
    __builtin_memset(&control, 0, sizeof(control));
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (count > 0 && count <= 250) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
        __builtin_memcpy(CMSG_DATA(header), descriptors, (size_t)count * sizeof(int));
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

// recv(2) of one packet without waiting: MSG_DONTWAIT is an enum in C.
static inline ssize_t aurora_receive_packet(int socket, void *bytes, size_t size) {
    return recv(socket, bytes, size, MSG_DONTWAIT);
}

// getxattr(2): Swift's Glibc module has no <sys/xattr.h>.
static inline ssize_t aurora_get_attribute(const char *path, const char *name, void *value, size_t size) {
    return getxattr(path, name, value, size);
}
