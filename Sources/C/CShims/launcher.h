// What aurora-launcher needs from Linux and Swift cannot see: variadic calls, and calls glibc has no wrapper for.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern int execveat(int directory, const char *path, char *const arguments[], char *const environment[], int flags);

// prctl(2) is variadic.
static inline int aurora_launcher_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL); }
static inline int aurora_launcher_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, 9UL, 0UL, 0UL, 0UL); }

// prctl(2) with SECCOMP_MODE_FILTER; `bytes` are struct sock_filter records of 8 bytes each.
static inline int aurora_launcher_seccomp(const void *bytes, size_t count) {
    struct sock_fprog program = {(unsigned short)(count / 8), (struct sock_filter *)(uintptr_t)bytes};
    return prctl(PR_SET_SECCOMP, 2UL, &program, 0UL, 0UL);
}

// setrlimit(2): glibc types the resource as an enum in C++ and an int in C; the launcher has the number.
static inline int aurora_launcher_limit(int resource, uint64_t soft, uint64_t hard) {
    struct rlimit limit = {(rlim_t)soft, (rlim_t)hard};
    return setrlimit(resource, &limit);
}

// setgroups(2) hides behind _DEFAULT_SOURCE.
extern int setgroups(size_t count, const gid_t *groups);
static inline int aurora_launcher_drop_groups(void) { return setgroups(0, (const gid_t *)0); }

// setresgid(2) and setresuid(2) hide behind _GNU_SOURCE.
extern int setresgid(gid_t real, gid_t effective, gid_t saved);
extern int setresuid(uid_t real, uid_t effective, uid_t saved);
static inline int aurora_launcher_set_group(gid_t group) { return setresgid(group, group, group); }
static inline int aurora_launcher_set_user(uid_t user) { return setresuid(user, user, user); }

// prctl(2): /proc/self belongs to this user again, as it does by itself in every program that was executed.
static inline int aurora_launcher_own_proc(void) { return prctl(PR_SET_DUMPABLE, 1UL, 0UL, 0UL, 0UL); }
// unshare(2) hides behind _GNU_SOURCE; with CLONE_NEWUSER and CLONE_NEWNS in one call the new mounts belong to the new
// users. What is mounted afterwards reaches no other namespace.
extern int unshare(int flags);
static inline int aurora_launcher_user_namespace(void) { return unshare(0x10000000 | 0x00020000); }
static inline int aurora_launcher_private_mounts(void) {
    return mount("none", "/", (const char *)0, MS_REC | MS_PRIVATE, (const void *)0);
}
// open_tree(2) with OPEN_TREE_CLONE, AT_EMPTY_PATH and close-on-exec: a mount of the working directory that stands nowhere
// yet. glibc 2.36 hides it behind _GNU_SOURCE; 428 and 429 are the numbers on every architecture.
static inline int aurora_launcher_clone_tree(void) {
    return (int)syscall(428, AT_FDCWD, "", 0x1000u | 1u | (unsigned)O_CLOEXEC);
}
// The same of an open directory or file, with what is mounted below it (AT_RECURSIVE); needs CAP_SYS_ADMIN.
static inline int aurora_launcher_clone_mount(int descriptor) {
    return (int)syscall(428, descriptor, "", 0x1000u | 0x8000u | 1u | (unsigned)O_CLOEXEC);
}
// unshare(2) with CLONE_NEWNS alone: a mount namespace of the same users.
static inline int aurora_launcher_mount_namespace(void) { return unshare(0x00020000); }
// mount(2): an empty tmpfs whose folders are there to be mounted on.
static inline int aurora_launcher_tmpfs(const char *place) {
    return mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755,size=65536");
}
// umount2(2): what is mounted there and below goes out of sight, also where it is in use.
static inline int aurora_launcher_detach(const char *place) { return umount2(place, MNT_DETACH); }
// move_mount(2) with MOVE_MOUNT_F_EMPTY_PATH.
static inline int aurora_launcher_attach(int tree, const char *place) {
    return (int)syscall(429, tree, "", AT_FDCWD, place, 4u);
}

// close_range(2) hides behind _GNU_SOURCE.
extern int close_range(unsigned int first, unsigned int last, int flags);
static inline int aurora_launcher_close(unsigned int first, unsigned int last) { return close_range(first, last, 0); }

// openat(2) and fcntl(2) are variadic. O_PATH | O_CLOEXEC: a handle for a Landlock rule, without rights.
static inline int aurora_launcher_open_path(const char *path) { return open(path, 010000000 | O_CLOEXEC); }
static inline int aurora_launcher_close_on_exec(int descriptor) { return fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

// execveat(2) with AT_EMPTY_PATH hides behind _GNU_SOURCE.
static inline int aurora_launcher_execute(int descriptor, char *const arguments[], char *const environment[]) {
    return execveat(descriptor, "", arguments, environment, 0x1000);
}

// Landlock (Documentation/userspace-api/landlock.rst) by number, the same on every architecture: Debian 12's headers
// describe ABI 2 while the kernel may offer more.
struct aurora_landlock_ruleset {
    uint64_t files, network, scopes;
};
static inline int aurora_launcher_landlock_abi(void) { return (int)syscall(444, (void *)0, (size_t)0, 1u); }
static inline int aurora_launcher_landlock_create(const struct aurora_landlock_ruleset *rules, size_t size) {
    return (int)syscall(444, rules, size, 0u);
}
static inline int aurora_launcher_landlock_allow(int ruleset, uint64_t access, int parent) {
    struct __attribute__((packed)) {
        uint64_t access;
        int32_t parent;
    } rule = {access, parent};
    return (int)syscall(445, ruleset, 1u, &rule, 0u);
}
static inline int aurora_launcher_landlock_restrict(int ruleset) { return (int)syscall(446, ruleset, 0u); }

// capset(2) and PR_CAPBSET_DROP: no capability can come back by executing anything. The bounding set goes first, while
// CAP_SETPCAP is still there; numbers beyond the last capability are refused, which ends the loop.
static inline int aurora_launcher_drop_bounding_set(void) {
    for (unsigned long number = 0; number < 64; number++) {
        if (prctl(PR_CAPBSET_DROP, number, 0UL, 0UL, 0UL) != 0) { return number > 0 && errno == EINVAL ? 0 : -1; }
    }
    return 0;
}
static inline int aurora_launcher_drop_capabilities(void) {
    struct {
        uint32_t version;
        int32_t pid;
    } header = {0x20080522u, 0};
    uint32_t none[6] = {0, 0, 0, 0, 0, 0};
    return (int)syscall(SYS_capset, &header, none);
}

// prctl(2): nobody of this user looks into this process's memory or descriptors; ends when it executes a program.
static inline int aurora_launcher_close_memory(void) { return prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL); }
// prctl(2): orphans below this process become its children.
static inline int aurora_launcher_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL); }

// fork(2): Swift hides it, because other threads would be missing in the child; the launcher has none.
static inline pid_t aurora_launcher_fork(void) { return fork(); }

// signalfd(2) with SFD_CLOEXEC | SFD_NONBLOCK for SIGCHLD, which is blocked first; its header is not in Swift's module.
extern int signalfd(int descriptor, const sigset_t *mask, int flags);
static inline int aurora_launcher_watch_children(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &set, (sigset_t *)0) != 0) { return -1; }
    return signalfd(-1, &set, 02000000 | 04000);
}
static inline void aurora_launcher_unblock_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, (sigset_t *)0);
}

// waitpid(2) with WNOHANG. Returns the child, 0 when none has ended, -1 when there are none; `how` is 1 for an exit and
// 2 for a signal, `value` its number.
static inline pid_t aurora_launcher_reap(int *how, int *value) {
    int status = 0;
    pid_t child = waitpid(-1, &status, WNOHANG);
    *how = WIFSIGNALED(status) ? 2 : 1;
    *value = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    return child;
}

// recvmsg(2): one packet and at most `limit` (250) descriptors that came with it; the control message macros are not
// imported. Returns the bytes, 0 at the end, -1 with errno otherwise; a packet or a list that is cut is EMSGSIZE.
static inline ssize_t aurora_launcher_receive(
    int socket, void *buffer, size_t size, int *descriptors, int limit, int *count, int close_on_exec
) {
    union {
        char bytes[CMSG_SPACE(250 * sizeof(int))];
        struct cmsghdr aligned;
    } control;
    struct iovec part = {buffer, size};
    struct msghdr message;
    memset(&message, 0, sizeof(message));
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE((size_t)limit * sizeof(int));
    *count = 0;
    ssize_t received = recvmsg(socket, &message, close_on_exec ? MSG_CMSG_CLOEXEC : 0);
    if (received < 0) { return received; }
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
        *count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(descriptors, CMSG_DATA(header), (size_t)*count * sizeof(int));
    }
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        for (int index = 0; index < *count; index++) { close(descriptors[index]); }
        *count = 0;
        errno = EMSGSIZE;
        return -1;
    }
    return received;
}
