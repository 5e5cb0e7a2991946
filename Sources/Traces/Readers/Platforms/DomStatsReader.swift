/// `virsh domstats --dirtyrate`: measurements of the dirty rate, outside any migration.
struct DomStatsReader: LogReader {
  static let kind = LogKind.domstats

  static func evidence(in head: LogHead) -> LogEvidence? {
    head.first { $0.trimmedSpaces.hasPrefix("dirtyrate.calc_") }.map {
      LogEvidence(line: $0.number, why: "has \"dirtyrate.calc_\" of domstats")
    }
  }

  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError) {
    var domain: String?
    var fields: [String: Substring] = [:]
    var start = 1
    func close(_ output: inout LogOutput) {
      defer { fields = [:] }
      guard !fields.isEmpty else { return }
      output.recordCount += 1
      let status = fields["dirtyrate.calc_status"]?.decimal
      guard status == nil || status == 2,
        let rate = fields["dirtyrate.megabytes_per_second"]?.decimal, rate >= 0
      else {
        output.skip("a dirty rate that is not measured yet", line: start)
        return
      }
      let window = fields["dirtyrate.calc_period"]?.decimal
      output.readings.append(
        DirtyRateReading(
          id: domain.map { "\(input.id)/\($0)" } ?? input.id,
          window: window.flatMap { $0 > 0 ? $0 : nil }, rate: rate * 0x1p20,
          mode: fields["dirtyrate.calc_mode"].map { cleanText(String($0)) }, line: start))
    }
    while let line = try input.nextLine() {
      let text = line.text.trimmedSpaces
      if let name = text.between("Domain: '", "'") {
        close(&output)
        domain = cleanText(String(name))
      } else if text.hasPrefix("dirtyrate."), let value = text.after("=") {
        let key = String(text.before("="))
        if fields[key] != nil { close(&output) }
        if fields.isEmpty { start = line.number }
        fields[key] = value.trimmedSpaces
      } else if !text.isEmpty {
        output.skip("a line of other statistics", line: line.number)
      }
    }
    close(&output)
  }
}
