#pragma once
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// The actions are function-like macros in seccomp.h.
static inline uint32_t aurora_seccomp_allow(void) { return SCMP_ACT_ALLOW; }
static inline uint32_t aurora_seccomp_error(int code) { return SCMP_ACT_ERRNO((uint32_t)code & 0xffffu); }
static inline uint32_t aurora_seccomp_kill(void) { return SCMP_ACT_KILL_PROCESS; }

// memfd_create(2) with MFD_CLOEXEC hides behind _GNU_SOURCE.
extern int memfd_create(const char *name, unsigned int flags);
static inline int aurora_sandbox_memory_file(const char *name) { return memfd_create(name, 1u); }

// pipe2(2) hides behind _GNU_SOURCE.
extern int pipe2(int descriptors[2], int flags);
static inline int aurora_sandbox_pipe(int descriptors[2]) { return pipe2(descriptors, 02000000 | 04000); }

// landlock_create_ruleset(2) with LANDLOCK_CREATE_RULESET_VERSION; glibc has no wrapper.
// 444 is its number on every architecture.
static inline int aurora_landlock_abi(void) { return (int)syscall(444, (void *)0, (size_t)0, 1u); }

// seccomp(2) SECCOMP_GET_ACTION_AVAIL for SECCOMP_RET_KILL_PROCESS; glibc has no wrapper.
static inline int aurora_seccomp_available(void) {
    uint32_t action = 0x80000000u;
    return (int)syscall(SYS_seccomp, 2u, 0u, &action);
}
