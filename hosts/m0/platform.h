/* What XS asks of a platform, on a bare Cortex-M0+ with newlib: included by every XS source through XSPLATFORM. */
#ifndef M0_PLATFORM_H
#define M0_PLATFORM_H

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define htonl(WORD) __builtin_bswap32(WORD)
#define ntohl(WORD) __builtin_bswap32(WORD)
#define htons(HALF) __builtin_bswap16(HALF)
#define ntohs(HALF) __builtin_bswap16(HALF)

#define mxUseDefaultSharedChunks 1
#define mxCESU8 1
#define mxUnalignedAccess 0
#define mxMisalignedSettersCrash 1
#define mxMachinePlatform

#endif
