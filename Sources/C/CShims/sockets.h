// UNIX sockets by name, with the peer's credentials; and connections to the loopback. For AuroraSystem.
// Addresses are built here because sockaddr_un's length and the control message macros are awkward in Swift.
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

// struct ucred hides behind _GNU_SOURCE; its layout is kernel ABI.
struct aurora_peer {
    int pid;
    unsigned int uid, gid;
};

// `name` inside an open directory, through /proc, so that the 107 bytes of an address never limit where a socket lies.
static inline int aurora_local_address(int directory, const char *name, struct sockaddr_un *address, socklen_t *size) {
    __builtin_memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    int length = snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof(address->sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)length + 1);
    return 0;
}

// socket(2) and bind(2) at a name that is free, with these permission bits whatever the umask is; listen(2) for streams.
static inline int aurora_local_bind(int directory, const char *name, int is_stream, mode_t mode) {
    struct sockaddr_un address;
    socklen_t size = 0;
    if (aurora_local_address(directory, name, &address, &size) != 0) { return -1; }
    int number = socket(AF_UNIX, (is_stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
    if (number < 0) { return -1; }
    int one = 1;
    // The mode set before bind(2) is that of the name; widened afterwards, so that it is never wider than asked for.
    if (fchmod(number, 0600) != 0 || bind(number, (struct sockaddr *)&address, size) != 0 ||
        fchmodat(directory, name, mode, 0) != 0 || (is_stream && listen(number, 64) != 0) ||
        (!is_stream && setsockopt(number, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) != 0)) {
        int saved = errno;
        close(number);
        errno = saved;
        return -1;
    }
    return number;
}

// A connected stream to the socket of that name; does not wait for a full backlog (EAGAIN).
static inline int aurora_local_connect(int directory, const char *name) {
    struct sockaddr_un address;
    socklen_t size = 0;
    if (aurora_local_address(directory, name, &address, &size) != 0) { return -1; }
    int number = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (number < 0) { return -1; }
    if (connect(number, (struct sockaddr *)&address, size) != 0) {
        int saved = errno;
        close(number);
        errno = saved;
        return -1;
    }
    return number;
}

// accept4(2) hides behind _GNU_SOURCE.
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
static inline int aurora_accept(int listener) {
    return accept4(listener, (struct sockaddr *)0, (socklen_t *)0, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

// getsockopt(2) with SO_PEERCRED: who had connected, or had called listen.
static inline int aurora_peer_of(int number, struct aurora_peer *peer) {
    socklen_t size = sizeof(*peer);
    return getsockopt(number, SOL_SOCKET, SO_PEERCRED, peer, &size);
}

// send(2) and recv(2) without waiting and without SIGPIPE: the flags are enums in C.
static inline ssize_t aurora_send_now(int number, const void *bytes, size_t size) {
    return send(number, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}
static inline ssize_t aurora_receive_now(int number, void *bytes, size_t size) {
    return recv(number, bytes, size, MSG_DONTWAIT);
}

// recvmsg(2) of one datagram with SCM_CREDENTIALS (2), which the kernel vouches for; pid 0 when there were none.
static inline ssize_t aurora_receive_from(int number, void *bytes, size_t size, struct aurora_peer *peer) {
    union {
        char bytes[CMSG_SPACE(sizeof(struct aurora_peer)) + CMSG_SPACE(16 * sizeof(int))];
        struct cmsghdr aligned;
    } control;
    struct iovec part = {bytes, size};
    struct msghdr message;
    __builtin_memset(&message, 0, sizeof(message));
    __builtin_memset(peer, 0, sizeof(*peer));
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof(control.bytes);
    ssize_t count = recvmsg(number, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (count < 0) { return -1; }
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET) { continue; }
        if (header->cmsg_type == 2) { __builtin_memcpy(peer, CMSG_DATA(header), sizeof(*peer)); }
        if (header->cmsg_type == SCM_RIGHTS) {
            // Descriptors nobody asked for must not pile up.
            size_t sent = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            for (size_t index = 0; index < sent; index++) {
                int descriptor;
                __builtin_memcpy(&descriptor, CMSG_DATA(header) + index * sizeof(int), sizeof(int));
                close(descriptor);
            }
        }
    }
    return count;
}

// A TCP connection to 127.0.0.1 that may still be under way (EINPROGRESS is no error); -1 and errno otherwise.
static inline int aurora_loopback_connect(uint16_t port) {
    struct sockaddr_in address;
    __builtin_memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (number < 0) { return -1; }
    if (connect(number, (struct sockaddr *)&address, sizeof(address)) != 0 && errno != EINPROGRESS) {
        int saved = errno;
        close(number);
        errno = saved;
        return -1;
    }
    return number;
}

// getsockopt(2) with SO_ERROR: how a connection that was under way ended.
static inline int aurora_socket_error(int number) {
    int code = 0;
    socklen_t size = sizeof(code);
    return getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno;
}
