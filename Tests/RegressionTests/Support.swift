import ModelCore
import Regression
import TestSupport

/// The table of `Tests/Fixtures/regression/data.csv`, empty cells missing.
func referenceData() throws -> Table {
  try table(
    of: fixture("regression/data.csv"), text: ["technique", "workload"],
    numbers: [
      "vcpus", "memory_bytes", "bandwidth_bytes_per_s", "dirty_rate_bytes_per_s", "w",
      "total_time_s",
    ])
}

func table(
  of rows: [[String: String]], text: [String] = [], numbers: [String]
) throws -> Table {
  let texts = text.map { name in
    Column(name, text: rows.map { $0[name].flatMap { $0.isEmpty ? nil : $0 } })
  }
  let values = numbers.map { name in
    Column(name, numbers: rows.map { $0[name].flatMap(Double.init) })
  }
  return try Table(texts + values, source: "data.csv", lines: rows.indices.map { $0 + 2 })
}

extension TestRandom {
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  mutating func unit() -> Double { uniform(0, 1) }
}

func fit(
  _ formula: String, _ table: Table, weights: String? = nil, level: Double = 0.95
) throws -> LinearFit {
  let design = try Design(
    Formula(formula), table, weights: weights.map { try Expression(parsing: $0) })
  return try LeastSquares(level: level).fit(design)
}
