// Nothing to call: the library works by being preloaded. See preload.c.
#pragma once
