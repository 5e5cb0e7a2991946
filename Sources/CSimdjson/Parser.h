// What the files of this shim share.
#pragma once

#include "CSimdjson.h"

#if !__has_include(<simdjson.h>)
#error "Cutover needs simdjson: install it with 'make deps' or 'apt-get install libsimdjson-dev'"
#endif
#include <simdjson.h>
#include <string>

struct cutover_json_parser {
  simdjson::dom::parser parser;
  /// A line in which numbers that JSON does not have were replaced.
  std::string patched;
};
