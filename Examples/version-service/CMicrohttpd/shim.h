#pragma once
#include <microhttpd.h>

// MHD_start_daemon is variadic, so it is not imported into Swift: one thread that we run ourselves, on a given socket.
static inline struct MHD_Daemon *service_start(int socket, MHD_AccessHandlerCallback handler, void *context) {
    return MHD_start_daemon(MHD_USE_EPOLL, 0, 0, 0, handler, context, MHD_OPTION_LISTEN_SOCKET, socket,
                            MHD_OPTION_CONNECTION_TIMEOUT, 5u, MHD_OPTION_END);
}
static inline unsigned int service_connections(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info ? info->num_connections : 0;
}
