#pragma once
// One header per user: linux.h for AuroraSystem, launcher.h (added by its owner) for aurora-launcher.
#include "linux.h"
#if __has_include("launcher.h")
#include "launcher.h"
#endif
