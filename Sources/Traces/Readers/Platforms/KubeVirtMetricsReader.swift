/// KubeVirt's migration metrics in the text format of Prometheus: one scrape, or several in a row.
///
/// A scrape is an instant: with one every 15 to 30 s short migrations are missed.
struct KubeVirtMetricsReader: LogReader {
  static let kind = LogKind.kubevirtMetrics

  static func evidence(in head: LogHead) -> LogEvidence? {
    head.first { line in
      let text = line.trimmedSpaces
      return text.hasPrefix("kubevirt_vmi_migration") || text.hasPrefix("kubevirt_migrate_vmi")
        || text.hasPrefix("kubevirt_vmi_dirty_rate")
        || text.hasPrefix("# HELP kubevirt_vmi_migration")
    }.map { LogEvidence(line: $0.number, why: "has a metric kubevirt_vmi_...") }
  }

  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError) {
    var machines = MigrationSeriesSet(format: kind)
    var scrapes: [String: Scrape] = [:]
    var order: [String] = []
    var nodes: [String: String] = [:]
    func close(_ id: String, _ output: inout LogOutput) {
      guard let scrape = scrapes.removeValue(forKey: id) else { return }
      let machine = machines.position(id)
      output.add(scrape.sample(), to: &machines[machine], line: scrape.line)
    }
    while let line = try input.nextLine() {
      let text = line.text.trimmedSpaces
      if text.isEmpty || text.hasPrefix("#") {
        if text.after("dirty_memory_rate_bytes")?.lowercased().after("pages") != nil {
          output.note(
            "a help text calls the dirty rate pages; its values are taken for bytes per second",
            line: line.number)
        }
        continue
      }
      guard let metric = Metric(text) else {
        output.unreadable(
          line.isCut ? "the log ends inside this line" : "not a metric", line: line.number)
        continue
      }
      let id = metric.machine
      guard let id, metric.name.after("vmi_") != nil else {
        output.recordCount += 1
        output.skip("a metric of something else than one machine", line: line.number)
        continue
      }
      if metric.name.after("dirty_rate_bytes_per_second") != nil {
        output.recordCount += 1
        output.readings.append(
          DirtyRateReading(
            id: id, window: 1, rate: metric.value, mode: "page-sampling", line: line.number))
        continue
      }
      guard let field = Scrape.field(metric.name) else {
        output.recordCount += 1
        output.skip("another metric", line: line.number)
        continue
      }
      // A metric that comes again is of the next scrape.
      if scrapes[id]?.values[field] != nil { close(id, &output) }
      if scrapes[id] == nil {
        scrapes[id] = Scrape(line: line.number)
        if !order.contains(id) { order.append(id) }
      }
      scrapes[id]?.values[field] = metric.value
      if let time = metric.time { scrapes[id]?.time = time }
      if let node = metric.labels["node"] { nodes[id] = node }
    }
    for id in order { close(id, &output) }
    machines.finish(into: &output)
    output.rows = output.rows.map { row in
      var row = row
      let base = String(row.id.before("#"))
      row.set("source_host", nodes[base])
      return row
    }
  }

  /// What is known of one machine at one moment.
  private struct Scrape {
    enum Field: Hashable {
      case total, processed, remaining, dirtyRate, throughput, start, end, succeeded, failed
      case downtime
    }

    let line: Int
    var time: Double?
    var values: [Field: Double] = [:]

    init(line: Int) { self.line = line }

    static func field(_ name: String) -> Field? {
      let endings: [(String, Field)] = [
        ("_data_processed_bytes", .processed), ("_data_remaining_bytes", .remaining),
        ("_data_bytes_total", .total), ("_data_total_bytes", .total),
        ("_dirty_memory_rate_bytes", .dirtyRate), ("_memory_transfer_rate_bytes", .throughput),
        // Its name until it was corrected; the value was that of the memory.
        ("_disk_transfer_rate_bytes", .throughput), ("_start_time_seconds", .start),
        ("_end_time_seconds", .end), ("_succeeded", .succeeded), ("_failed", .failed),
        ("_last_downtime_seconds", .downtime),
      ]
      return endings.first { name.hasSuffix($0.0) }?.1
    }

    func sample() -> MigrationSample {
      var stage = MigrationStage.precopy
      if values[.succeeded] ?? 0 > 0 { stage = .completed }
      if values[.failed] ?? 0 > 0 { stage = .failed }
      var sample = MigrationSample(stage: stage)
      sample.status = stage == .precopy ? "running" : "\(stage)"
      sample.time = stage.isTerminal ? values[.end] ?? time : time
      let until = stage.isTerminal ? values[.end] : time
      if let start = values[.start], let until, until > start { sample.elapsed = until - start }
      sample.memoryBytes = values[.total]
      // At the end the counters are those of the last scrape before it.
      sample.transferredBytes = stage == .completed ? nil : values[.processed]
      sample.remainingBytes = stage == .completed ? nil : values[.remaining]
      sample.dirtyRate = stage == .completed ? nil : values[.dirtyRate]
      sample.throughput = stage == .completed ? nil : values[.throughput]
      sample.downtime = values[.downtime]
      return sample
    }
  }

  /// `name{label="value",...} value [milliseconds]`
  private struct Metric {
    let name: String
    var labels: [String: String] = [:]
    let value: Double
    let time: Double?

    init?(_ text: Substring) {
      var rest: Substring
      if let brace = text.firstIndex(of: "{") {
        name = String(text[..<brace])
        guard let parsed = Self.labels(text[text.index(after: brace)...]) else { return nil }
        labels = parsed.labels
        rest = parsed.rest
      } else {
        name = String(text.prefix { $0 != " " && $0 != "\t" })
        rest = text.dropFirst(name.count)
      }
      let parts = rest.split { $0 == " " || $0 == "\t" }
      guard let first = parts.first, let value = first.decimal,
        name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") })
      else { return nil }
      self.value = value
      time = parts.dropFirst().first?.decimal.map { $0 / 1000 }
    }

    private static func labels(
      _ text: Substring
    ) -> (labels: [String: String], rest: Substring)? {
      var labels: [String: String] = [:]
      var rest = text
      while true {
        rest = rest.drop { $0 == "," || $0 == " " }
        if rest.first == "}" { return (labels, rest.dropFirst()) }
        guard let equals = rest.firstIndex(of: "=") else { return nil }
        let key = String(rest[..<equals].trimmedSpaces)
        rest = rest[rest.index(after: equals)...]
        guard rest.first == "\"" else { return nil }
        rest = rest.dropFirst()
        var value = ""
        var isEscaped = false
        while let character = rest.first {
          rest = rest.dropFirst()
          if isEscaped {
            value.append(character == "n" ? " " : character)
            isEscaped = false
          } else if character == "\\" {
            isEscaped = true
          } else if character == "\"" {
            break
          } else {
            value.append(character)
          }
        }
        labels[key] = value
      }
    }

    /// Namespace and name of the machine; newer metrics say `vmi`, too.
    var machine: String? {
      guard let name = labels["vmi"] ?? labels["name"] ?? labels["vmim"] else { return nil }
      return cleanText(labels["namespace"].map { "\($0)/\(name)" } ?? name)
    }
  }
}
