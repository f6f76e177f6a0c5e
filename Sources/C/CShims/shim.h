#pragma once
#define _GNU_SOURCE
#include <unistd.h>
