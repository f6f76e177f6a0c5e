#pragma once
// One header per user: linux.h for AuroraSystem, launcher.h for aurora-launcher.
#include "launcher.h"
#include "linux.h"
