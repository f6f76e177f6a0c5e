// Timers and counters behind descriptors, for AuroraSystem's alarm: their headers are not in Swift's Glibc module.
#pragma once
#include <stdint.h>
#include <time.h>

extern int timerfd_create(int clock, int flags);
extern int timerfd_settime(int descriptor, int flags, const struct itimerspec *value, struct itimerspec *old);
extern int eventfd(unsigned int value, int flags);

// timerfd_create(2) with TFD_NONBLOCK and TFD_CLOEXEC on CLOCK_BOOTTIME (7) or CLOCK_REALTIME (0).
static inline int aurora_timer_open(int counts_boot_time) { return timerfd_create(counts_boot_time ? 7 : 0, 02004000); }

// timerfd_settime(2) to an absolute moment; 0 and 0 disarm. cancel_on_set makes reading fail with ECANCELED when the
// clock is set (TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET).
static inline int aurora_timer_set(int descriptor, int64_t seconds, int64_t nanoseconds, int cancel_on_set) {
    struct itimerspec value = {{0, 0}, {seconds, nanoseconds}};
    return timerfd_settime(descriptor, cancel_on_set ? 3 : 1, &value, NULL);
}

// eventfd(2) with EFD_NONBLOCK and EFD_CLOEXEC.
static inline int aurora_event_open(void) { return eventfd(0, 02004000); }

// adjtimex(2) read-only; its header is not in Swift's Glibc module, and struct timex is large: 208 bytes on every 64-bit
// kernel, of which only status (offset 40) and maxerror (offset 24) are read. Returns 0 when STA_UNSYNC (0x40) is off.
extern int adjtimex(struct timex *values);
static inline int aurora_clock_state(int64_t *maximum_error) {
    _Alignas(8) unsigned char values[256] = {0};
    if (adjtimex((struct timex *)values) < 0) { return -1; }
    int32_t status;
    __builtin_memcpy(maximum_error, values + 24, 8);
    __builtin_memcpy(&status, values + 40, 4);
    return status & 0x40 ? 1 : 0;
}
