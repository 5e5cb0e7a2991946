import ModelCore
import Testing

@Suite struct GlossaryTests {
  @Test func namesAreUnique() {
    let names = Glossary.traceColumns.map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test func everyColumnSaysWhatItMeans() {
    for column in Glossary.traceColumns + Glossary.answerColumns {
      #expect(!column.meaning.isEmpty, "\(column.name)")
    }
  }

  /// The unit is in the name, and the name keeps its word.
  @Test func unitsFollowNames() {
    let endings: [(String, ColumnUnit)] = [
      ("_bytes_per_s", .bytesPerSecond), ("_pages_per_s", .pagesPerSecond), ("_bytes", .bytes),
      ("_s", .seconds), ("_j", .joules),
    ]
    for column in Glossary.traceColumns {
      let unit = endings.first { column.name.hasSuffix($0.0) }?.1
      if let unit {
        #expect(column.unit == unit, "\(column.name)")
      } else {
        #expect(
          ![.bytes, .seconds, .bytesPerSecond, .joules].contains(column.unit), "\(column.name)")
      }
    }
  }

  /// A trace's own column may be called as one of Cutover's answers without taking its role.
  @Test(arguments: ["count", "lower", "estimate", "model", "duration_s", "observed"])
  func answersLendNoRole(_ name: String) {
    #expect(Glossary.role(of: name) == .unknown && Glossary.definition(of: name) == nil)
    #expect(Glossary.explanation(of: name) != nil)
  }

  @Test(arguments: [
    ("total_time_s", ColumnRole.outcome), ("status", .outcome), ("memory_bytes", .input),
    ("bandwidth_bytes_per_s", .setting), ("group", .id), ("flavour", .unknown),
  ])
  func roles(_ name: String, _ role: ColumnRole) {
    #expect(Glossary.role(of: name) == role)
  }

  @Test func domains() {
    #expect(ColumnDomain.positive.contains(1e-300) && !ColumnDomain.positive.contains(0))
    #expect(ColumnDomain.fraction.contains(0) && ColumnDomain.fraction.contains(1))
    #expect(!ColumnDomain.fraction.contains(1.0000001) && !ColumnDomain.any.contains(.nan))
    #expect(ColumnDomain.atMostOne.contains(-5) && !ColumnDomain.atMostOne.contains(1.5))
  }
}
