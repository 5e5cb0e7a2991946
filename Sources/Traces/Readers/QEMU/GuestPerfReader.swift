/// Reports of QEMU's guestperf: one migration with its scenario and its progress.
///
/// It writes 0 where QEMU said nothing, so a 0 there is not known. Its throttle comes from a field
/// that newer versions of QEMU call otherwise, and is then 0 for "not known", too.
struct GuestPerfReader: LogReader {
  static let kind = LogKind.guestperf

  static func evidence(in head: LogHead) -> LogEvidence? {
    guard
      head.first(where: { $0.after("\"progress_history\"") != nil }) != nil
        || head.first(where: { $0.after("\"compression_xbzrle_cache\"") != nil }) != nil
    else { return nil }
    let sign = "\"progress_history\""
    let line = head.first { $0.after(sign) != nil }?.number ?? 1
    return LogEvidence(line: line, why: "has \(sign) of a guestperf report")
  }

  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError) {
    let parser = try JSONParser()
    var machines = MigrationSeriesSet(format: kind)
    var facts: [String: (report: JSONValue, row: String)] = [:]
    var count = 0
    try readDocuments(input, parser, into: &output) { report, line, output in
      guard let history = report["progress_history"]?.list else {
        output.unreadable("a document without \"progress_history\"", line: line)
        return
      }
      count += 1
      let id = count == 1 ? input.id : "\(input.id)#\(count)"
      let machine = machines.position(id)
      facts[id] = (report, id)
      let settings = Settings(report)
      machines[machine].inputs = settings.inputs
      machines[machine].technique = settings.technique
      for progress in history {
        output.add(sample(progress), to: &machines[machine], line: line)
      }
    }
    machines.finish(into: &output)
    output.rows = output.rows.map { row in
      var row = row
      if let report = facts[row.id]?.report {
        row.set("workload", "guestperf")
        row.set("transport", report["transport"]?.string)
        row.set("destination_host", report["dst_host"]?.string)
        row.set("group", report["scenario"]?["name"]?.string)
        // It gives up on its own account; QEMU only knows that it was cancelled.
        if row.text("status") == "cancelled", let limit = row.number("time_limit_s"),
          let total = row.number("total_time_s"), total >= limit
        {
          row.set("status", "timeout")
        }
      }
      return row
    }
  }

  private static func sample(_ progress: JSONValue) -> MigrationSample {
    func known(_ value: JSONValue?) -> Double? {
      value?.double.flatMap { $0 == 0 ? nil : $0 }
    }
    let status = progress["status"]?.string ?? "active"
    let ram = progress["ram"]
    var sample = MigrationSample(stage: stageOfQEMU(status))
    sample.status = status
    sample.time = progress["now"]?.double
    sample.elapsed = known(progress["duration"]).map { $0 / 1000 }
    sample.setupTime = known(progress["setup_time"]).map { $0 / 1000 }
    sample.throttle = known(progress["throttle_pcent"]).map { $0 / 100 }
    sample.expectedDowntime = known(progress["downtime_expected"]).map { $0 / 1000 }
    sample.downtime = known(progress["downtime"]).map { $0 / 1000 }
    // A reply without memory was filled with zeros: after a failure nothing is known.
    guard let total = known(ram?["total_bytes"]) else { return sample }
    sample.memoryBytes = total
    sample.transferredBytes = ram?["transferred_bytes"]?.double
    sample.remainingBytes = ram?["remaining_bytes"]?.double
    sample.zeroPages = ram?["duplicate_pages"]?.double
    sample.normalPages = ram?["normal_pages"]?.double
    sample.dirtySyncs = known(ram?["iterations"])
    if sample.stage != .completed {
      sample.dirtyRate = ram?["dirty_rate_pps"]?.double.map { $0 * qemuPageBytes }
      sample.throughput = known(ram?["transfer_rate_mbs"]).map { $0 * bytesPerSecondPerMbit }
    }
    return sample
  }

  /// What the scenario and the hardware say.
  private struct Settings {
    var inputs: [String: Double] = [:]
    var technique: String?

    init(_ report: JSONValue) {
      let scenario = report["scenario"]
      let hardware = report["hardware"]
      func isOn(_ name: String) -> Bool { scenario?[name] == .flag(true) }
      if let rate = scenario?["bandwidth"]?.double, rate > 0 {
        inputs["bandwidth_cap_bytes_per_s"] = rate * 0x1p20
      }
      inputs["time_limit_s"] = scenario?["max_time"]?.double
      inputs["max_rounds"] = scenario?["max_iters"]?.double
      inputs["vcpus"] = hardware?["cpus"]?.double
      if isOn("post_copy") {
        inputs["postcopy_after_rounds"] = scenario?["post_copy_iters"]?.double
      }
      if isOn("multifd") { inputs["multifd_channels"] = scenario?["multifd_channels"]?.double }
      if isOn("auto_converge") {
        inputs["throttle_increment"] = scenario?["auto_converge_step"]?.double.map { $0 / 100 }
      }
      if isOn("compression_xbzrle"), let share = scenario?["compression_xbzrle_cache"]?.double,
        let memory = hardware?["mem"]?.double
      {
        inputs["xbzrle_cache_bytes"] = memory * 0x1p30 * share / 100
      }
      technique = Self.technique(isOn)
    }

    private static func technique(_ isOn: (String) -> Bool) -> String? {
      let switches = [
        "post_copy", "auto_converge", "compression_mt", "compression_xbzrle", "multifd",
      ]
      // Pausing after some rounds ends in a long stop-and-copy, for which there is no word.
      guard !isOn("pause") else { return nil }
      switch switches.filter(isOn) {
      case []: return "precopy"
      case ["post_copy"]: return "hybrid"
      case ["auto_converge"]: return "precopy+autoconverge"
      case ["compression_mt"]: return "precopy+compress"
      case ["compression_xbzrle"]: return "precopy+xbzrle"
      case ["auto_converge", "compression_xbzrle"]: return "precopy+xbzrle+autoconverge"
      case ["multifd"]: return "precopy+multifd"
      default: return nil
      }
    }
  }
}
