#pragma once
// One header per user: launcher.h for aurora-launcher, all others for AuroraSystem.
#include "beneath.h"
#include "launcher.h"
#include "linux.h"
#include "sockets.h"
#include "timers.h"
