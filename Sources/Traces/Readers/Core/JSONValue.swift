import CSimdjson

/// A JSON document as a tree.
indirect enum JSONValue: Equatable, Sendable {
  case null
  case flag(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([JSONValue])
  /// In the document's order.
  case object([(key: String, value: JSONValue)])

  static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.flag(let a), .flag(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.text(let a), .text(let b)): a == b
    case (.list(let a), .list(let b)): a == b
    case (.object(let a), .object(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    default: false
    }
  }

  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The number, whole or not.
  var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  var string: String? {
    if case .text(let text) = self { return text }
    return nil
  }

  var list: [JSONValue]? {
    if case .list(let items) = self { return items }
    return nil
  }

  var members: [(key: String, value: JSONValue)] {
    if case .object(let members) = self { return members }
    return []
  }
}

/// A JSON parser with its buffers; for one thread.
final class JSONParser {
  let handle: OpaquePointer

  init() throws(TraceError) {
    guard let handle = cutover_json_parser_make() else {
      throw TraceError(file: "", .internalFault("no memory for a JSON parser"))
    }
    self.handle = handle
  }

  deinit { cutover_json_parser_free(handle) }

  /// What is wrong with a text that should be JSON.
  struct Damage: Error, Equatable {
    let description: String
  }

  /// Reads a document.
  func parse(_ text: some Collection<UInt8>) throws(Damage) -> JSONValue {
    var bytes = Array(text)
    let length = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: cutover_json_padding()))
    let builder = TreeBuilder()
    let problem = bytes.withUnsafeBufferPointer { buffer -> UnsafePointer<CChar>? in
      guard let base = buffer.baseAddress else { return nil }
      return base.withMemoryRebound(to: CChar.self, capacity: buffer.count) { text in
        withExtendedLifetime(builder) {
          cutover_json_walk(
            handle, text, length,
            { context, step in
              guard let context, let step else { return }
              Unmanaged<TreeBuilder>.fromOpaque(context).takeUnretainedValue().take(step.pointee)
            }, Unmanaged.passUnretained(builder).toOpaque())
        }
      }
    }
    if let problem { throw Damage(description: String(cString: problem)) }
    guard let root = builder.root else { throw Damage(description: "no value") }
    return root
  }
}

/// Builds the tree of a walk.
private final class TreeBuilder {
  /// An object or a list whose end has not come yet.
  private struct Frame {
    let key: String?
    let isObject: Bool
    var members: [(key: String, value: JSONValue)] = []
    var items: [JSONValue] = []
  }

  private var stack: [Frame] = []
  private(set) var root: JSONValue?

  func take(_ step: cutover_json_step) {
    let key = text(step.key, step.key_length)
    switch Int(step.kind) {
    case CUTOVER_JSON_NULL: add(.null, key)
    case CUTOVER_JSON_FALSE: add(.flag(false), key)
    case CUTOVER_JSON_TRUE: add(.flag(true), key)
    case CUTOVER_JSON_INTEGER: add(.integer(Int(step.integer)), key)
    case CUTOVER_JSON_NUMBER: add(.number(step.number), key)
    case CUTOVER_JSON_STRING: add(.text(text(step.text, step.text_length) ?? ""), key)
    case CUTOVER_JSON_OBJECT_BEGIN: stack.append(Frame(key: key, isObject: true))
    case CUTOVER_JSON_ARRAY_BEGIN: stack.append(Frame(key: key, isObject: false))
    default:
      if let frame = stack.popLast() {
        add(frame.isObject ? .object(frame.members) : .list(frame.items), frame.key)
      }
    }
  }

  private func add(_ value: JSONValue, _ key: String?) {
    guard let top = stack.indices.last else {
      root = value
      return
    }
    if stack[top].isObject {
      stack[top].members.append((key ?? "", value))
    } else {
      stack[top].items.append(value)
    }
  }

  private func text(_ bytes: UnsafePointer<CChar>?, _ length: Int) -> String? {
    guard let bytes else { return nil }
    return bytes.withMemoryRebound(to: UInt8.self, capacity: length) {
      String(decoding: UnsafeBufferPointer(start: $0, count: length), as: UTF8.self)
    }
  }
}
