import Yams

/// KubeVirt's VirtualMachineInstanceMigration objects: YAML or JSON, one or many, or a list.
///
/// From `Pending` to `Running` a migration waits and is prepared; from its start to its end it is
/// served. Times are whole seconds.
struct VMIMReader: LogReader {
  static let kind = LogKind.vmim

  static func evidence(in head: LogHead) -> LogEvidence? {
    for (index, line) in head.lines.enumerated() {
      for sign in [
        "VirtualMachineInstanceMigration", "phaseTransitionTimestamps", "migrationState",
      ]
      where line.after(sign) != nil && line.after("_" + "migration") == nil {
        guard line.after(":") != nil else { continue }
        return LogEvidence(line: index + 1, why: "has \"\(sign)\" of a VMIM")
      }
    }
    return nil
  }

  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError) {
    let isJSON =
      input.head.bytes.first { $0 != 0x20 && $0 != 0x09 && $0 != lineFeed }
      .map { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") } ?? false
    var names: Set<String> = []
    if isJSON {
      let parser = try JSONParser()
      try readDocuments(input, parser, into: &output) { document, line, output in
        for object in objects(document) { take(object, input.id, line, &names, &output) }
      }
      return
    }
    // Only what is kept of an object is parsed, but a YAML document is parsed whole.
    var document: [UInt8] = []
    var start = 1
    func close(_ output: inout LogOutput) {
      defer { document.removeAll(keepingCapacity: true) }
      guard document.contains(where: { $0 != 0x20 && $0 != lineFeed }) else { return }
      do throws(YAMLDamage) {
        for object in objects(try yaml(document)) { take(object, input.id, start, &names, &output) }
      } catch {
        output.unreadable(
          "not YAML (line \(start + error.line - 1): \(error.description))", line: start)
      }
    }
    while let line = try input.nextLine() {
      if line.bytes.starts(with: [0x2D, 0x2D, 0x2D]) {
        close(&output)
        start = line.number + 1
        continue
      }
      document += line.bytes
      document.append(lineFeed)
      if document.count > LogInput.longestLine {
        throw TraceError(
          file: input.name, line: start, .tooLong(line: start, limit: LogInput.longestLine))
      }
    }
    close(&output)
  }

  /// The objects of a list, or the one object.
  private static func objects(_ document: JSONValue) -> [JSONValue] {
    document["items"]?.list ?? document.list ?? [document]
  }

  private static func take(
    _ object: JSONValue, _ fileID: String, _ line: Int, _ names: inout Set<String>,
    _ output: inout LogOutput
  ) {
    output.recordCount += 1
    guard let status = object["status"], status["phase"] != nil || status["migrationState"] != nil
    else {
      output.skip("an object without a migration's status", line: line)
      return
    }
    let moments = Moments(status)
    guard moments.begin != nil || !waiting.contains(status["phase"]?.string ?? "") else {
      output.skip("a migration that has not begun", line: line)
      return
    }
    let name = object["metadata"]?["name"]?.string.map(cleanText) ?? ""
    let wanted = name.isEmpty ? fileID : name
    // Names are unique in a namespace only, and one object may have been written twice.
    var id = wanted
    var number = 2
    while !names.insert(id).inserted {
      id = "\(wanted)#\(number)"
      number += 1
    }
    var row = MigrationRow(id: id, line: line)
    let state = status["migrationState"]
    row.set("source_format", kind.rawValue)
    row.set("status", word(status, state))
    row.set("failure_reason", state?["failureReason"]?.string)
    row.set("source_host", state?["sourceNode"]?.string)
    row.set("destination_host", state?["targetNode"]?.string)
    if let begin = moments.begin {
      row.set("started_s", begin)
      if let end = moments.end {
        row.set("finished_s", end)
        if end > begin {
          row.set("total_time_s", end - begin)
        } else {
          output.note(zeroDurationNote, line: line)
        }
      }
    }
    row.set("queue_time_s", moments.waiting)
    if let settings = state?["migrationConfiguration"] { set(settings, in: &row) }
    row.set("technique", technique(state))
    output.add(rows: [row])
  }

  /// Phases before `Running`.
  private static let waiting: Set<String> = [
    "", "Pending", "Scheduling", "Scheduled", "PreparingTarget", "TargetReady", "WaitingForSync",
    "Synchronizing",
  ]

  private static func set(_ settings: JSONValue, in row: inout MigrationRow) {
    if let rate = settings["bandwidthPerMigration"].flatMap(kubernetesQuantity), rate > 0 {
      row.set("bandwidth_cap_bytes_per_s", rate)
    }
  }

  private static func word(_ status: JSONValue, _ state: JSONValue?) -> String {
    if state?["abortStatus"]?.string == "Succeeded" { return "cancelled" }
    switch status["phase"]?.string {
    case "Succeeded": return "completed"
    case "Failed": return "failed"
    default: return isTrue(state?["completed"]) ? "completed" : "unfinished"
    }
  }

  private static func technique(_ state: JSONValue?) -> String? {
    switch state?["mode"]?.string {
    case "PreCopy":
      isTrue(state?["migrationConfiguration"]?["allowAutoConverge"])
        ? "precopy+autoconverge" : "precopy"
    // KubeVirt begins with pre-copy and switches over when that takes too long.
    case "PostCopy": "hybrid"
    default: nil
    }
  }

  private static func isTrue(_ value: JSONValue?) -> Bool {
    value == .flag(true) || value?.string == "true"
  }

  /// When the phases began.
  private struct Moments {
    var begin: Double?
    var end: Double?
    var waiting: Double?

    init(_ status: JSONValue) {
      var phases: [String: Double] = [:]
      for entry in status["phaseTransitionTimestamps"]?.list ?? [] {
        guard let phase = entry["phase"]?.string,
          let time = entry["phaseTransitionTimestamp"]?.string.flatMap({ LogTime($0) })
        else { continue }
        phases[phase] = time.seconds
      }
      let state = status["migrationState"]
      func moment(_ key: String) -> Double? {
        state?[key]?.string.flatMap { LogTime($0)?.seconds }
      }
      begin = moment("startTimestamp") ?? phases["Running"]
      end = moment("endTimestamp") ?? phases["Succeeded"] ?? phases["Failed"]
      if let pending = phases["Pending"], let running = phases["Running"], running >= pending {
        waiting = running - pending
      }
    }
  }

  /// A quantity of Kubernetes: `64Mi`, `1G`, `67108864`.
  private static func kubernetesQuantity(_ value: JSONValue) -> Double? {
    if let number = value.double { return number }
    guard let (number, unit) = value.string?.leadingDecimal else { return nil }
    let factors: [String: Double] = [
      "": 1, "Ki": 0x1p10, "Mi": 0x1p20, "Gi": 0x1p30, "Ti": 0x1p40, "k": 1e3, "M": 1e6, "G": 1e9,
      "T": 1e12,
    ]
    return factors[String(unit)].map { number * $0 }
  }

  // MARK: YAML

  /// Why a text is no YAML.
  struct YAMLDamage: Error {
    let description: String
    let line: Int
  }

  /// Nesting beyond this is no object of Kubernetes; the parser's recursion would be as deep.
  private static let deepest = 64

  static func yaml(_ document: [UInt8]) throws(YAMLDamage) -> JSONValue {
    if let line = lineNestedTooDeep(document) {
      throw YAMLDamage(description: "nested more than \(deepest) deep", line: line)
    }
    let node: Node?
    do {
      node = try Yams.compose(yaml: String(decoding: document, as: UTF8.self))
    } catch let error as YamlError {
      switch error {
      case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
        .composer(_, let problem, let mark, _):
        throw YAMLDamage(description: problem, line: mark.line)
      default: throw YAMLDamage(description: "it cannot be parsed", line: 1)
      }
    } catch {
      throw YAMLDamage(description: "it cannot be parsed", line: 1)
    }
    guard let node else { return .null }
    var budget = 100_000
    return try value(node, &budget)
  }

  /// Aliases may repeat a node as often as they like; the budget bounds what they unfold to.
  private static func value(_ node: Node, _ budget: inout Int) throws(YAMLDamage) -> JSONValue {
    budget -= 1
    guard budget > 0 else { throw YAMLDamage(description: "its aliases unfold too far", line: 1) }
    switch node {
    case .scalar(let scalar): return .text(scalar.string)
    case .mapping(let mapping):
      var members: [(key: String, value: JSONValue)] = []
      for (key, member) in mapping {
        members.append((key.scalar?.string ?? "", try value(member, &budget)))
      }
      return .object(members)
    case .sequence(let sequence):
      var items: [JSONValue] = []
      for item in sequence { items.append(try value(item, &budget)) }
      return .list(items)
    case .alias: return .null
    }
  }

  /// A line whose brackets, dashes or indentation open more than the deepest nesting.
  private static func lineNestedTooDeep(_ document: [UInt8]) -> Int? {
    var depth = 0
    var line = 1
    var dashes = 0
    var indents: [Int] = []
    var column = 0
    var isIndent = true
    for byte in document {
      if byte == lineFeed {
        line += 1
        dashes = 0
        column = 0
        isIndent = true
        continue
      }
      if isIndent, byte != 0x20, byte != 0x2D {
        isIndent = false
        while let last = indents.last, last >= column { indents.removeLast() }
        indents.append(column)
      }
      column += 1
      switch byte {
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
      case UInt8(ascii: "-"), UInt8(ascii: "?"): dashes += 1
      default: break
      }
      // Dashes also stand in names and times, a few on a line.
      if depth > deepest || dashes > deepest * 4 || indents.count > deepest { return line }
    }
    return nil
  }
}
