// One attack on the sandbox, or one bomb, by name: ends with 0 when it worked, 1 when it was denied (and says with which
// error), 3 when this machine does not offer it to anybody. `mask` takes a feature of the kernel away and executes a
// program; `host` is what lies outside for the taking. Compiled by the tests; never installed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int worked(long result) {
    if (result >= 0) { return 0; }
    printf("denied: %s\n", strerror(errno));
    return 1;
}

static int write_file(const char *path, int flags) {
    int file = open(path, O_WRONLY | flags, 0600);
    if (file >= 0 && flags & O_CREAT) { unlink(path); }
    return worked(file);
}

static int read_file(const char *path) {
    char byte;
    int file = open(path, O_RDONLY);
    return worked(file < 0 ? -1 : read(file, &byte, 1));
}

static int reach(int type, int protocol, int port, int sends) {
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(port)};
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int end = socket(AF_INET, type, protocol);
    if (end < 0 && errno == EPROTONOSUPPORT) { return 3; }
    if (end < 0) { return worked(end); }
    if (sends) { return worked(sendto(end, "x", 1, 0, (struct sockaddr *)&place, sizeof place)); }
    return worked(connect(end, (struct sockaddr *)&place, sizeof place));
}

static struct sockaddr_un abstract_name(const char *name, socklen_t *size) {
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    strncpy(place.sun_path + 1, name, sizeof place.sun_path - 2);
    *size = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name);
    return place;
}

static int reach_abstract(const char *name) {
    socklen_t size;
    struct sockaddr_un place = abstract_name(name, &size);
    int end = socket(AF_UNIX, SOCK_STREAM, 0);
    return worked(end < 0 ? -1 : connect(end, (struct sockaddr *)&place, size));
}

static int trace(pid_t victim) {
    if (ptrace(PTRACE_ATTACH, victim, 0, 0) != 0) { return worked(-1); }
    waitpid(victim, 0, __WALL);
    return worked(ptrace(PTRACE_DETACH, victim, 0, 0));
}

static int trace_child(void) {
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    int result = trace(child);
    kill(child, SIGKILL);
    return result;
}

static int look_into(const char *process, const char *what) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/%s", process, what);
    return worked(open(path, strcmp(what, "mem") ? O_RDONLY | O_DIRECTORY : O_RDWR));
}

static int type_into_terminal(void) {
    int end = posix_openpt(O_RDWR | O_NOCTTY);
    if (end < 0 || grantpt(end) || unlockpt(end)) { return 3; }
    int terminal = open(ptsname(end), O_RDWR | O_NOCTTY);
    return terminal < 0 ? 3 : worked(ioctl(terminal, TIOCSTI, "x"));
}

static int foreign_architecture(void) {
#ifdef __x86_64__
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
    errno = ENOSYS;
    return worked(result > 0 ? 0 : -1);
#else
    return 3;
#endif
}

static int write_group(void) {
    const char *places[] = {"/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/pids/cgroup.procs",
                            "/sys/fs/cgroup/unified/cgroup.procs", "/proc/1/root/sys/fs/cgroup/pids/cgroup.procs"};
    for (unsigned index = 0; index < 4; index++) {
        if (open(places[index], O_WRONLY) >= 0) { return 0; }
    }
    return worked(-1);
}

static int by_number(long number, long a, long b, long c, long d) {
    // What counts is that the call was not refused up front.
    long result = syscall(number, a, b, c, d, 0, 0);
    if (result < 0 && errno != EPERM && errno != EACCES && errno != ENOSYS) { result = 0; }
    return worked(result);
}

static int new_users(int then_mount) {
    if (unshare(CLONE_NEWUSER | (then_mount ? CLONE_NEWNS : 0)) != 0) { return worked(-1); }
    return then_mount ? worked(mount("none", "/tmp", "tmpfs", 0, "")) : 0;
}

static int clone_users(void) {
    long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    if (child == 0) { _exit(0); }
    return worked(child);
}

static int run_attack(const char *name, const char *value) {
    if (!strcmp(name, "write-etc")) { return write_file("/etc/.aurora-attack", O_CREAT); }
    if (!strcmp(name, "write-usr")) { return write_file("/usr/.aurora-attack", O_CREAT); }
    if (!strcmp(name, "write-pack")) { return write_file("/pack/.aurora-attack", O_CREAT); }
    if (!strcmp(name, "write-file")) { return write_file(value, 0); }
    if (!strcmp(name, "read-file")) { return read_file(value); }
    if (!strcmp(name, "tcp")) { return reach(SOCK_STREAM, 0, atoi(value), 0); }
    if (!strcmp(name, "udp")) { return reach(SOCK_DGRAM, 0, atoi(value), 1); }
    if (!strcmp(name, "mptcp")) { return reach(SOCK_STREAM, 262, atoi(value), 0); }
    if (!strcmp(name, "inet6")) { return worked(socket(AF_INET6, SOCK_DGRAM, 0)); }
    if (!strcmp(name, "abstract")) { return reach_abstract(value); }
    if (!strcmp(name, "signal")) { return worked(kill(atoi(value), 0)); }
    if (!strcmp(name, "ptrace")) { return trace(atoi(value)); }
    if (!strcmp(name, "ptrace-child")) { return trace_child(); }
    if (!strcmp(name, "mount")) { return worked(mount("none", "/tmp", "tmpfs", 0, "")); }
    if (!strcmp(name, "chroot")) { return worked(chroot("/tmp")); }
    if (!strcmp(name, "unshare-users")) { return new_users(0); }
    if (!strcmp(name, "unshare-users-mount")) { return new_users(1); }
    if (!strcmp(name, "clone-users")) { return clone_users(); }
    if (!strcmp(name, "core-pattern")) { return worked(open("/proc/sys/kernel/core_pattern", O_WRONLY)); }
    if (!strcmp(name, "keyctl")) { return by_number(SYS_keyctl, 0, -3, 0, 0); }
    if (!strcmp(name, "bpf")) { return by_number(SYS_bpf, 0, 0, 0, 0); }
    if (!strcmp(name, "io_uring")) { return by_number(SYS_io_uring_setup, 1, 0, 0, 0); }
    if (!strcmp(name, "name_to_handle_at")) { return by_number(SYS_name_to_handle_at, AT_FDCWD, (long)"/usr", 0, 0); }
    if (!strcmp(name, "open_tree_attr")) { return by_number(467, -1, (long)"", 0, 0); }
    if (!strcmp(name, "clone3")) { return by_number(SYS_clone3, 0, 0, 0, 0); }
    if (!strcmp(name, "userfaultfd")) { return by_number(SYS_userfaultfd, 0, 0, 0, 0); }
    if (!strcmp(name, "perf_event_open")) { return by_number(SYS_perf_event_open, 0, 0, -1, -1); }
    if (!strcmp(name, "netlink")) { return worked(socket(AF_NETLINK, SOCK_RAW, 0)); }
    if (!strcmp(name, "packet")) { return worked(socket(AF_PACKET, SOCK_RAW, 0)); }
    if (!strcmp(name, "vsock")) {
        int end = socket(AF_VSOCK, SOCK_STREAM, 0);
        return end < 0 && errno == EAFNOSUPPORT && getuid() == 0 ? 3 : worked(end);
    }
    if (!strcmp(name, "descriptor")) { return worked(fcntl(atoi(value), F_GETFD)); }
    if (!strcmp(name, "cgroup")) { return write_group(); }
    if (!strcmp(name, "terminal")) { return type_into_terminal(); }
    if (!strcmp(name, "foreign-architecture")) { return foreign_architecture(); }
    if (!strcmp(name, "become-root")) { return worked(setuid(0)); }
    if (!strcmp(name, "memory-of")) { return look_into(value, "mem"); }
    if (!strcmp(name, "descriptors-of")) { return look_into(value, "fd"); }
    if (!strcmp(name, "make-device")) {
        int result = worked(mknod("/tmp/aurora-device", S_IFCHR | 0666, 0x101));
        unlink("/tmp/aurora-device");
        return result;
    }
    return 2;
}

// Bombs. Each says how far it came.

static int fork_bomb(int limit) {
    int made = 0;
    for (; made < limit; made++) {
        pid_t child = fork();
        if (child < 0) { break; }
        if (child == 0) {
            pause();
            _exit(0);
        }
    }
    printf("%d\n", made);
    fflush(stdout);
    // In the open the children must go by themselves.
    if (getenv("AURORA_IN_THE_OPEN")) {
        signal(SIGTERM, SIG_IGN);
        kill(0, SIGTERM);
    }
    return made == limit ? 0 : 1;
}

static int memory_bomb(int megabytes) {
    for (int index = 0; index < megabytes; index++) {
        char *part = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (part == MAP_FAILED) {
            printf("%d\n", index);
            return 1;
        }
        memset(part, 7, 1 << 20);
    }
    printf("%d\n", megabytes);
    return 0;
}

static int file_bomb(const char *path, int megabytes) {
    static char part[1 << 20];
    memset(part, 7, sizeof part);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    long done = 0;
    while (file >= 0 && done < (long)megabytes << 20) {
        ssize_t count = write(file, part, sizeof part);
        if (count < 0) { break; }
        done += count;
    }
    int code = errno;
    printf("%ld\n", done);
    unlink(path);
    errno = code;
    return worked(done == (long)megabytes << 20 ? 0 : -1);
}

static int descriptor_bomb(int limit) {
    int made = 0;
    while (made < limit && open("/dev/null", O_RDONLY) >= 0) { made++; }
    printf("%d\n", made);
    return made == limit ? 0 : 1;
}

static int flood(long megabytes) {
    static char part[1 << 16];
    memset(part, 0xff, sizeof part);
    for (long index = 0; index < megabytes << 4; index++) {
        if (write(index % 2 ? 2 : 1, part, sizeof part) != sizeof part) { return 1; }
    }
    return 0;
}

static int spin(int milliseconds) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t end = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + milliseconds;
    do { clock_gettime(CLOCK_MONOTONIC, &now); } while ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 < end);
    return 0;
}

// What lies outside: a TCP port, an abstract socket and a process of the given user; ends with its standard input.
static int host(const char *name, unsigned user) {
    struct sockaddr_in place = {.sin_family = AF_INET};
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof place;
    int end = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(end, (struct sockaddr *)&place, size) || listen(end, 64)) { return 1; }
    getsockname(end, (struct sockaddr *)&place, &size);
    struct sockaddr_un hidden = abstract_name(name, &size);
    int other = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(other, (struct sockaddr *)&hidden, size) || listen(other, 64)) { return 1; }
    if (setgid(user) || setuid(user)) { return 1; }
    prctl(PR_SET_DUMPABLE, 1);
    printf("%d %d\n", ntohs(place.sin_port), getpid());
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0) {}
    return 0;
}

// The number of a system call, given so or, where machines differ, by its name.
static unsigned call_number(const char *text) {
    static const struct { const char *name; unsigned number; } known[] = {
        {"setsid", SYS_setsid}, {"prlimit64", SYS_prlimit64}, {"setgroups", SYS_setgroups},
        {"setresgid", SYS_setresgid}, {"setresuid", SYS_setresuid},
    };
    for (size_t index = 0; index < sizeof known / sizeof *known; index++) {
        if (!strcmp(text, known[index].name)) { return known[index].number; }
    }
    return (unsigned)atoi(text);
}

// Takes a feature away as a kernel without it, or a container that forbids it, would.
static int mask(const char *feature, char **command) {
    struct sock_filter userns[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWUSER, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSPC),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_filter option[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_filter call[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof call / sizeof *call, call};
    if (!strcmp(feature, "userns")) {
        program = (struct sock_fprog){sizeof userns / sizeof *userns, userns};
    } else if (!strncmp(feature, "prctl:", 6)) {
        option[4].k = (unsigned)atoi(feature + 6);
        program = (struct sock_fprog){sizeof option / sizeof *option, option};
    } else if (!strncmp(feature, "call:", 5)) {
        call[1].k = call_number(feature + 5);
    } else {
        return 2;
    }
    // Root may do it without: the program is to notice by itself.
    if (geteuid() != 0) { prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) { return 1; }
    execv(command[0], command);
    return 127;
}

int main(int count, char **arguments) {
    if (count < 2) { return 2; }
    const char *name = arguments[1];
    const char *value = count > 2 ? arguments[2] : "";
    if (!strcmp(name, "forks")) { return fork_bomb(atoi(value)); }
    if (!strcmp(name, "memory")) { return memory_bomb(atoi(value)); }
    if (!strcmp(name, "file")) { return file_bomb(value, atoi(count > 3 ? arguments[3] : "1")); }
    if (!strcmp(name, "descriptors")) { return descriptor_bomb(atoi(value)); }
    if (!strcmp(name, "flood")) { return flood(atol(value)); }
    if (!strcmp(name, "spin")) { return spin(atoi(value)); }
    if (!strcmp(name, "host") && count > 3) { return host(value, (unsigned)atoi(arguments[3])); }
    if (!strcmp(name, "mask") && count > 3) { return mask(value, arguments + 3); }
    return run_attack(name, value);
}
