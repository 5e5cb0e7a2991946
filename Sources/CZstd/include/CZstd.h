/// Zstandard, for traces that come as `.zst`.
#ifndef CUTOVER_CZSTD_H
#define CUTOVER_CZSTD_H

#if !__has_include(<zstd.h>)
#error "Cutover needs zstd: install it with 'make deps' or 'apt-get install libzstd-dev'"
#endif
#include <zstd.h>

#endif
