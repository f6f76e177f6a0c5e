#pragma once
// One header per user: linux.h and timers.h for AuroraSystem, launcher.h for aurora-launcher.
#include "launcher.h"
#include "linux.h"
#include "timers.h"
