// A walk over the values of any document.
#include "Parser.h"

#include <limits>
#include <new>

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

size_t cutover_json_padding(void) { return simdjson::SIMDJSON_PADDING; }

cutover_json_parser *cutover_json_parser_make(void) {
  return new (std::nothrow) cutover_json_parser();
}

void cutover_json_parser_free(cutover_json_parser *parser) { delete parser; }

namespace {

struct Walk {
  cutover_json_visitor visitor;
  void *context;

  void step(cutover_json_step &step, int32_t kind) const {
    step.kind = kind;
    visitor(context, &step);
  }

  // simdjson refuses documents deeper than 1024, so the recursion is bounded.
  void visit(element value, const char *key, size_t key_length) const {
    cutover_json_step step{};
    step.key = key;
    step.key_length = key_length;
    switch (value.type()) {
      case element_type::NULL_VALUE: this->step(step, CUTOVER_JSON_NULL); break;
      case element_type::BOOL:
        this->step(step, bool(value) ? CUTOVER_JSON_TRUE : CUTOVER_JSON_FALSE);
        break;
      case element_type::INT64:
        step.integer = int64_t(value);
        this->step(step, CUTOVER_JSON_INTEGER);
        break;
      case element_type::UINT64: {
        uint64_t number = value;
        step.integer = static_cast<int64_t>(number);
        step.number = static_cast<double>(number);
        bool fits = number <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
        this->step(step, fits ? CUTOVER_JSON_INTEGER : CUTOVER_JSON_NUMBER);
        break;
      }
      case element_type::DOUBLE:
        step.number = double(value);
        this->step(step, CUTOVER_JSON_NUMBER);
        break;
      case element_type::STRING: {
        std::string_view text = value;
        step.text = text.data();
        step.text_length = text.size();
        this->step(step, CUTOVER_JSON_STRING);
        break;
      }
      case element_type::OBJECT: {
        this->step(step, CUTOVER_JSON_OBJECT_BEGIN);
        for (auto [name, member] : object(value)) visit(member, name.data(), name.size());
        cutover_json_step end{};
        this->step(end, CUTOVER_JSON_OBJECT_END);
        break;
      }
      case element_type::ARRAY: {
        this->step(step, CUTOVER_JSON_ARRAY_BEGIN);
        for (element item : array(value)) visit(item, nullptr, 0);
        cutover_json_step end{};
        this->step(end, CUTOVER_JSON_ARRAY_END);
        break;
      }
    }
  }
};

}  // namespace

const char *cutover_json_walk(
    cutover_json_parser *parser, const char *text, size_t length, cutover_json_visitor visitor,
    void *context) {
  element document;
  auto failure = parser->parser.parse(text, length, false).get(document);
  if (failure) return simdjson::error_message(failure);
  Walk{visitor, context}.visit(document, nullptr, 0);
  return nullptr;
}
