import ModelCore
import Quantities
import TestSupport
import Testing

@testable import MigrationModels

/// Column by column a model answers what it answers row by row, to the last bit.
@Suite struct PredictionColumnsTests {
  /// The models that have such a face.
  static let ids = [
    "qemu.precopy", "liu.basic", "liu.basic+used", "liu.capped", "liu.capped+used",
    "memory-over-bandwidth", "memory-over-bandwidth+used",
  ]

  static func check(
    _ table: Table, _ parameters: [String: Double] = [:], _ note: Comment,
    model id: String = "qemu.precopy"
  ) throws -> Int {
    let model = try ModelCatalogue.model(id, parameters: parameters)
    let rows = ScenarioRows(table)
    let columns = try #require(model.predictions(of: rows))
    var answered = 0
    for row in 0..<table.rowCount {
      let scenario = Scenario(table: table, row: row)
      #expect(rows[row] == scenario, note)
      guard type(of: model).describes(scenario.technique),
        let single = try? model.predict(scenario)
      else {
        // What the single face refuses is left to it.
        #expect(columns.terminations[row] == nil, note)
        continue
      }
      // Of the rows that the single face answers only Liu's without a cap are left to it.
      if id.hasPrefix("liu"), scenario.roundLimit == .unlimited {
        #expect(columns.terminations[row] == nil, note)
        continue
      }
      answered += 1
      #expect(columns.terminations[row] == single.termination, note)
      #expect(columns.converged(row: row) == single.converged, note)
      let pairs: [(PredictionColumns.Number, Double?)] = [
        (.totalTime, single.totalMigrationTime?.siValue), (.downtime, single.downtime?.siValue),
        (.transferred, single.transferredBytes?.siValue),
        (.rounds, single.roundCount.map(Double.init)),
      ]
      for (number, expected) in pairs {
        #expect(
          columns.number(number, row: row)?.bitPattern == expected?.bitPattern,
          "\(note) row \(row): \(number)")
      }
    }
    return answered
  }

  /// Any of the columns may be absent, and any of the cells.
  @Test(arguments: ids) func randomTables(id: String) throws {
    let seed = UInt64.random(in: 0..<1 << 32)
    print("columns seed \(seed)")
    var random = TestRandom(seed: seed)
    var answered = 0
    for trial in 0..<60 {
      let count = trial % 3 == 0 ? 0 : Int.random(in: 1...120, using: &random)
      let holes = trial % 2 == 0 ? 0.1 : 0
      func column(
        _ field: ScenarioField, always: Bool = false, _ value: (inout TestRandom) -> Double
      ) -> Column? {
        guard always || random.uniform(0, 1) < 0.6 else { return nil }
        return Column(
          field.column,
          numbers: (0..<count).map { _ -> Double? in
            random.uniform(0, 1) < holes ? nil : value(&random)
          })
      }
      let numbers = [
        column(.memory, always: true) { $0.logUniform(1e6, 1e12) },
        column(.bandwidth) { $0.logUniform(1e6, 1e10) },
        column(.link, always: true) { $0.logUniform(1e6, 1e10) },
        column(.bandwidthCap) { $0.logUniform(1e6, 1e10) },
        column(.dirtyRate, always: true) { Bool.random(using: &$0) ? $0.logUniform(1e3, 1e10) : 0 },
        column(.downtimeLimit, always: true) { $0.logUniform(1e-3, 10) },
        column(.used) { $0.logUniform(1e5, 1e11) },
        column(.zeroFraction) { $0.uniform(0, 1) },
        column(.workingSet) { Bool.random(using: &$0) ? $0.logUniform(1e3, 1e11) : 0 },
        column(.resumeTime) { $0.uniform(0, 1) },
        column(.pageSize) { Bool.random(using: &$0) ? 4096 : 16384 },
        column(.maxRounds) { Double(Int.random(in: 0...40, using: &$0)) },
        column(.threshold) { Bool.random(using: &$0) ? $0.logUniform(1e3, 1e10) : 0 },
      ].compactMap(\.self)
      let techniques: [String?] = ["precopy", "postcopy", nil, "precopy+xbzrle"]
      let text = Column("technique", text: (0..<count).map { techniques[$0 % 4] })
      let table = try Table(trial % 5 == 1 ? numbers + [text] : numbers)
      let parameters =
        trial % 4 == 1 && id.hasPrefix("qemu")
        ? ["switchover_time_s": 0.03, "setup_time_s": 0.2] : [:]
      answered += try Self.check(table, parameters, "\(id) seed \(seed), trial \(trial)", model: id)
    }
    #expect(answered > 500)
  }

  /// Ends of every kind, a cap beyond any number of rounds among them.
  @Test func ends() throws {
    let table = try Table([
      Column("memory_bytes", numbers: [1e9, 1e9, 1e9, 0, 1e300, 1e9, nil]),
      Column("bandwidth_bytes_per_s", numbers: [1e8, 1e8, 1e8, 1e8, 1e-300, 1e8, 1e8]),
      Column("dirty_rate_bytes_per_s", numbers: [0, 1e9, 1e9, 1e7, 1e7, 2e8, 1e7]),
      Column("working_set_bytes", numbers: [nil, nil, nil, 0, nil, 1e7, nil]),
      Column("downtime_limit_s", numbers: [0.3, 0.1, 0.1, 0.1, 0.1, 0.05, 0.1]),
      Column("max_rounds", numbers: [nil, 5, nil, nil, nil, 1e18, 3]),
    ])
    let model = try ModelCatalogue.model("qemu.precopy")
    let columns = try #require(model.predictions(of: ScenarioRows(table)))
    #expect(
      columns.terminations == [
        .downtimeLimit, .roundLimit, .notConvergent, .downtimeLimit, .notConvergent,
        .notConvergent, nil,
      ])
    for id in Self.ids { _ = try Self.check(table, [:], "ends of \(id)", model: id) }
    #expect(try Self.check(table, [:], "ends") == 6)
  }

  /// Liu's rule: the threshold or the downtime limit, Xen's cap where there is none, no cap at all.
  @Test func thresholdsAndCaps() throws {
    let table = try Table([
      Column("memory_bytes", numbers: [1e9, 1e9, 1e9, 1e9, 1e9, 1e9, 1e300]),
      Column("used_bytes", numbers: [8e8, 9e8, 1e9, 7e8, 6e8, 1e9, 1e300]),
      Column("bandwidth_bytes_per_s", numbers: [1e8, 1e8, 1e8, 1e8, 1e8, 1e8, 1e-5]),
      Column("dirty_rate_bytes_per_s", numbers: [2e7, 2e8, 2e7, 2e7, 0, 9e7, 1e300]),
      Column("threshold_bytes", numbers: [1e6, 1e6, nil, 0, 0, 1e6, 1]),
      Column("downtime_limit_s", numbers: [nil, nil, 0.3, nil, nil, nil, nil]),
      Column("working_set_bytes", numbers: [nil, 3e8, nil, nil, 0, 5e8, nil]),
      Column("max_rounds", numbers: [nil, nil, 4, 1e18, 3, 1e18, 5]),
    ])
    let model = try ModelCatalogue.model("liu.basic")
    let columns = try #require(model.predictions(of: ScenarioRows(table)))
    #expect(
      columns.terminations == [
        .threshold, .roundLimit, .threshold, nil, .threshold, nil, .notConvergent,
      ])
    for id in Self.ids {
      let expected = id == "qemu.precopy" ? 1 : id.hasPrefix("liu") ? 5 : 7
      #expect(try Self.check(table, [:], "\(id)", model: id) == expected, "\(id)")
    }
  }

  /// What is asked of a table without a scenario's columns.
  @Test func nothingKnown() throws {
    let table = try Table([Column("id", text: ["a", "b"])])
    #expect(try Self.check(table, [:], "nothing") == 0)
  }
}
