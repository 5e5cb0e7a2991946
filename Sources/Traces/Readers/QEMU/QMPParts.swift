import ModelCore

/// A reply of `query-migrate` inside a document, and what stands around it.
struct QMPParts {
  let reply: JSONValue
  private let envelope: [(key: String, value: JSONValue)]

  init?(_ document: JSONValue) {
    var envelope: [(key: String, value: JSONValue)] = []
    guard let reply = Self.find(document, 0, &envelope) else { return nil }
    self.reply = reply
    self.envelope = envelope
  }

  /// As deep as the shim looks.
  private static let deepestEnvelope = 3

  private static func find(
    _ value: JSONValue, _ depth: Int, _ envelope: inout [(key: String, value: JSONValue)]
  ) -> JSONValue? {
    guard case .object(let members) = value, depth <= deepestEnvelope else { return nil }
    if value["status"]?.string != nil || value["ram"].map({ !$0.members.isEmpty }) ?? false {
      return value
    }
    for (index, member) in members.enumerated() where !qmpTimeNames.contains(member.key) {
      var inner: [(key: String, value: JSONValue)] = []
      guard let reply = find(member.value, depth + 1, &inner) else { continue }
      envelope = members.enumerated().filter { $0.offset != index }.map(\.element) + inner
      return reply
    }
    return nil
  }

  /// The name of the machine.
  var subject: String? {
    for member in envelope where qmpSubjectNames.contains(member.key) {
      if let text = member.value.string { return text }
    }
    return nil
  }

  /// The member that is the time: the preferred name.
  private var timeKey: String? {
    qmpTimeNames.first { name in envelope.contains { $0.key == name } }
  }

  /// The time, where it is text.
  var textTime: LogTime? {
    guard let key = timeKey, let text = envelope.first(where: { $0.key == key })?.value.string
    else { return nil }
    return LogTime(text)
  }

  /// Every field that no version of the flat record has, under its path.
  var unknownFields: [(key: String, value: JSONValue)] {
    var answer: [(key: String, value: JSONValue)] = []
    let time = timeKey
    for member in envelope where member.key != time && !qmpSubjectNames.contains(member.key) {
      Self.flatten(member.value, member.key, into: &answer)
    }
    let known = Set(qmpNames + ["status"])
    var inside: [(key: String, value: JSONValue)] = []
    for member in reply.members { Self.flatten(member.value, member.key, into: &inside) }
    // A text where a number belongs is kept as well.
    answer += inside.filter { field in
      !known.contains(field.key) || (field.key != "status" && field.value.double == nil)
    }
    return answer
  }

  private static func flatten(
    _ value: JSONValue, _ path: String, into answer: inout [(key: String, value: JSONValue)]
  ) {
    if case .object(let members) = value, !members.isEmpty {
      for member in members { flatten(member.value, "\(path).\(member.key)", into: &answer) }
    } else {
      answer.append((path, value))
    }
  }
}

/// Replies of other commands.
enum QMPOther {
  static func message(_ document: JSONValue) -> QMPMessage {
    if let name = document["event"]?.string {
      let stamp = document["timestamp"]
      let seconds = stamp?["seconds"]?.double
      let fraction = stamp?["microseconds"]?.double ?? 0
      return .event(name: name, time: seconds.map { $0 + fraction / 1e6 })
    }
    if let error = document["error"] {
      return .failure(description: error["desc"]?.string ?? error["class"]?.string ?? "unknown")
    }
    if document["QMP"] != nil || document["execute"] != nil { return .other }
    return reply(document, 0) ?? .other
  }

  private static func reply(_ value: JSONValue, _ depth: Int) -> QMPMessage? {
    guard depth <= 3 else { return nil }
    if let items = value.list, let message = list(items) { return message }
    if value["calc-time"] != nil || value["dirty-rate"] != nil { return dirtyRate(value) }
    if value["downtime-limit"] != nil || value["max-bandwidth"] != nil { return parameters(value) }
    for member in value.members {
      if let message = reply(member.value, depth + 1) { return message }
    }
    return nil
  }

  private static func list(_ items: [JSONValue]) -> QMPMessage? {
    let rates = items.compactMap { $0["current-rate"]?.double }
    if !rates.isEmpty, rates.count == items.count {
      return .dirtyLimits(total: rates.reduce(0, +) * 0x1p20)
    }
    let names = items.compactMap { $0["capability"]?.string }
    if !names.isEmpty, names.count == items.count {
      return .capabilities(
        Set(items.filter { $0["state"] == .flag(true) }.compactMap { $0["capability"]?.string }))
    }
    return nil
  }

  private static func dirtyRate(_ value: JSONValue) -> QMPMessage {
    guard value["status"]?.string == "measured", let rate = value["dirty-rate"]?.double, rate >= 0
    else { return .dirtyRate(nil) }
    let unit = value["calc-time-unit"]?.string ?? "second"
    let window = value["calc-time"]?.double.map { unit == "millisecond" ? $0 / 1000 : $0 }
    return .dirtyRate(
      QMPDirtyRate(
        rate: rate * 0x1p20, window: window.flatMap { $0 > 0 ? $0 : nil },
        mode: value["mode"]?.string))
  }

  private static func parameters(_ value: JSONValue) -> QMPMessage {
    var columns: [String: Double] = [:]
    func take(_ name: String, _ column: String, _ scale: (Double) -> Double = { $0 }) {
      // Zero means "no limit" where it is allowed at all.
      if let number = value[name]?.double, number > 0 { columns[column] = scale(number) }
    }
    take("max-bandwidth", "bandwidth_cap_bytes_per_s")
    take("max-postcopy-bandwidth", "postcopy_bandwidth_bytes_per_s")
    take("downtime-limit", "downtime_limit_s") { $0 / 1000 }
    take("cpu-throttle-initial", "throttle_initial") { $0 / 100 }
    take("cpu-throttle-increment", "throttle_increment") { $0 / 100 }
    take("throttle-trigger-threshold", "throttle_trigger") { $0 / 100 }
    return .parameters(columns, compression: value["multifd-compression"]?.string)
  }
}

extension JSONValue {
  /// The document without blanks.
  var compactText: String {
    switch self {
    case .null: "null"
    case .flag(let flag): flag ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): value.isFinite ? shortestDecimal(value) : "null"
    case .text(let text): Self.quoted(text)
    case .list(let items): "[" + items.map(\.compactText).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.key) + ":" + $0.value.compactText }.joined(separator: ",")
        + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var answer = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": answer += "\\\""
      case "\\": answer += "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        answer += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: answer.unicodeScalars.append(scalar)
      }
    }
    return answer + "\""
  }
}
