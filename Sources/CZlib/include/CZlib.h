/// zlib, for traces that come as `.gz`.
#ifndef CUTOVER_CZLIB_H
#define CUTOVER_CZLIB_H

#if !__has_include(<zlib.h>)
#error "Cutover needs zlib: install it with 'make deps' or 'apt-get install zlib1g-dev'"
#endif
#include <zlib.h>

#endif
