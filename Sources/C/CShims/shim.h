#pragma once
// One header per user: linux.h, beneath.h, timers.h and sockets.h for AuroraSystem, launcher.h for aurora-launcher.
#include "beneath.h"
#include "launcher.h"
#include "linux.h"
#include "sockets.h"
#include "timers.h"
