import MigrationModels
import ModelCore
import Quantities

/// `relaxed_total`, `skip_fraction`, `simgrid`, `btrplace`, `qemu_expected_downtime`.
enum OtherEvaluators {
  static let all = [
    Evaluator("relaxed_total", .closedForm) { (inputs) throws(EvaluationError) in
      let memory = try inputs.number("M")
      let bandwidth = try inputs.number("B", .positive)
      let dirtyRate = try inputs.number("d")
      let budget = try inputs.number("delta")
      func time(_ budget: Double) -> OracleValue {
        .number(
          orNone: relaxedTotalTime(
            memory: memory, bandwidth: bandwidth, dirtyRate: dirtyRate, downtimeBudget: budget))
      }
      return ["T": time(budget), "T_limit": time(0)]
    },
    Evaluator("skip_fraction", .closedForm) { (inputs) throws(EvaluationError) in
      let pages = SkippedPages(
        writeRate: try inputs.number("f"), window: try inputs.number("t"))
      return [
        "sent_fraction": .number(pages.sent), "skipped_fraction": .number(pages.skipped),
        "dirty_after": .number(pages.dirtyAfter), "sent_then_dirty": .number(pages.sentThenDirty),
      ]
    },
    Evaluator("simgrid", .closedForm) { (inputs) throws(EvaluationError) in
      let memory = try inputs.number("ram")
      let speed = try inputs.number("speed", .positive)
      var scenario = Scenario()
      scenario.memory = Bytes(siValue: memory)
      scenario.bandwidth = ByteRate(siValue: speed)
      scenario.dirtyRate = ByteRate(
        siValue: speed * (try inputs.number("intensity") * (try inputs.number("load"))))
      scenario.workingSet = Bytes(siValue: try inputs.number("cap") * memory)
      scenario.downtimeLimit = Seconds(siValue: try inputs.number("max_downtime"))
      let answer = try predict("simgrid", [:], scenario)
      return [
        "stage2_rounds": .number(orNone: answer.roundCount.map { Double($0 - 2) }),
        "V_total": .number(orNone: answer.transferredBytes?.siValue),
        "T_total": .number(orNone: answer.totalMigrationTime?.siValue),
        "T_down": .number(orNone: answer.downtime?.siValue),
        "converged": .flag(answer.converged),
      ]
    },
    Evaluator("btrplace", .closedForm) { (inputs) throws(EvaluationError) in
      let duration = BtrPlaceDuration(
        memory: try inputs.number("mem_MB"),
        // One megabyte of the file is one unit of data, and a byte has eight bits.
        bandwidth: try inputs.number("bw_Mbps", .positive) / 8,
        hotSet: try inputs.number("hot_MB"), hotTime: try inputs.number("hot_s", .positive),
        coldRate: try inputs.number("cold_MBps"))
      return [
        "t_min": .number(orNone: duration?.minimum), "t_cold": .number(orNone: duration?.cold),
        "t_hot": .number(orNone: duration?.hot), "t_total": .number(orNone: duration?.total),
      ]
    },
    Evaluator("qemu_expected_downtime", .closedForm) { (inputs) throws(EvaluationError) in
      let remaining = try inputs.number("remaining_kB")
      let throughput = ByteRate(siValue: try inputs.number("mbps", .positive) * 1e6 / 8)
      func milliseconds(_ kilobyte: Double) -> OracleValue {
        let time = expectedDowntime(
          remaining: Bytes(siValue: remaining * kilobyte), throughput: throughput)
        return .number(time.siValue * 1000)
      }
      return ["ms_kB1000": milliseconds(1000), "ms_kB1024": milliseconds(1024)]
    },
  ]
}
