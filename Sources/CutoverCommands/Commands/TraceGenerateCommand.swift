import ArgumentParser
import MigrationModels
import ModelCore
import Quantities
import Reporting

extension TraceCommand {
  struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "generate",
      abstract: "Make a dirty history from behaviours; the same seed makes the same bytes.",
      discussion: """
        Writes CSV with id, slot_s, slot, first_page and page_count, a row per run of pages \
        dirtied in a slot: what --dirty-history reads.
          cutover trace generate --memory 1GiB --slot 1s --slots 600 --workload hotcold \\
            --write-rate 5000pages/s --working-set 512MiB --hot-set 16MiB \\
            --hot-write-fraction 90% --seed 1 -o history.csv
        Behaviours take turns when each has a time, and a rate of its own if it has one:
          --workload hotcold:60s,sequential:30s:20000pages/s,idle:10s
        """)

    @Option(help: "Memory of the machine.", transform: quantity(Bytes.self))
    var memory: Bytes
    @Option(help: "Size of a page; 4KiB if not given.", transform: quantity(Bytes.self))
    var pageSize: Bytes?
    @Option(help: "Length of a slot; 1s if not given.", transform: quantity(Seconds.self))
    var slot: Seconds?
    @Option(help: "Number of slots.")
    var slots: Int
    @Option(
      help: "idle, sequential, uniform or hotcold; or several as NAME:TIME[:RATE], with commas.")
    var workload: String
    @Option(
      help: "Page writes per second, repeats counted: 30000pages/s.",
      transform: quantity(PageRate.self))
    var writeRate: PageRate?
    @Option(help: "Memory that is written; all if not given.", transform: quantity(Bytes.self))
    var workingSet: Bytes?
    @Option(help: "hotcold: size of the hot set.", transform: quantity(Bytes.self))
    var hotSet: Bytes?
    @Option(
      help: "hotcold: share of the writes that go to the hot set.",
      transform: quantity(Ratio.self))
    var hotWriteFraction: Ratio?
    @Option(help: "Seed of the random choices.")
    var seed: UInt64 = 1
    @Option(help: "The recording's name in the file.")
    var id = "generated"
    @Option(name: .shortAndLong, help: "Write to this file (.csv) in place of stdout.")
    var output: String?

    func run() throws {
      let id = try DirtyHistoryFile.checkedID(id)
      if let output, try OutputFormat(path: output) != .csv {
        throw UsageError("-o: a dirty history is CSV; give a name that ends in .csv")
      }
      let generator = try generator()
      let destination = try Destination(path: output, format: .csv)
      try DirtyHistoryFile.write(try generator.generate(), id: id, to: destination)
      try destination.commit()
    }

    private func generator() throws -> DirtyHistoryGenerator {
      let page = pageSize ?? Bytes(siValue: 4096)
      let length = slot ?? Seconds(siValue: 1)
      guard page > .zero else { throw UsageError("--page-size: has to be above zero") }
      guard length > .zero else { throw UsageError("--slot: has to be above zero") }
      return DirtyHistoryGenerator(
        memoryPages: pages(memory, page), pageSize: page, slot: length, slotCount: slots,
        phases: try phases(page, length), seed: seed)
    }

    private func pages(_ bytes: Bytes, _ page: Bytes) -> Int {
      Int(min((bytes / page).siValue.rounded(.up), 1e15))
    }

    private func phases(_ page: Bytes, _ slot: Seconds) throws -> [DirtyHistoryGenerator.Phase] {
      let parts = workload.split(separator: ",", omittingEmptySubsequences: false)
      return try parts.map { part in
        let words = part.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let names = DirtyBehaviour.Pattern.allCases.map(\.rawValue)
        guard let pattern = DirtyBehaviour.Pattern(rawValue: words[0]) else {
          throw UsageError(
            "--workload: no behaviour \"\(words[0])\"; there are \(names.joined(separator: ", "))"
              + suggestion(nearestWords(to: words[0], among: names)))
        }
        guard words.count <= 3 else {
          throw UsageError("--workload: \"\(part)\" is not NAME:TIME:RATE")
        }
        guard parts.count == 1 || words.count > 1 else {
          throw UsageError(
            "--workload: behaviours that take turns need a time each, such as \(words[0]):60s")
        }
        let slots = words.count > 1 ? try count(words[1], slot) : self.slots
        let rate = words.count > 2 ? try value(PageRate.self, words[2]) : writeRate
        return .init(try behaviour(pattern, rate, page), slots: slots)
      }
    }

    private func count(_ text: String, _ slot: Seconds) throws -> Int {
      let time = try value(Seconds.self, text)
      let count = (time / slot).siValue.rounded()
      guard count >= 1, count <= 1e9 else {
        throw UsageError("--workload: \(text) is not at least a slot of \(slot)")
      }
      return Int(count)
    }

    private func value<Value: Quantity>(_: Value.Type, _ text: String) throws -> Value {
      do {
        return try Value(parsing: text)
      } catch {
        throw UsageError("--workload: \(error)")
      }
    }

    private func behaviour(
      _ pattern: DirtyBehaviour.Pattern, _ rate: PageRate?, _ page: Bytes
    ) throws -> DirtyBehaviour {
      guard pattern != .idle else { return DirtyBehaviour(.idle, workingSetPages: 1) }
      guard let rate else {
        throw UsageError("--workload \(pattern.rawValue) needs --write-rate, such as 5000pages/s")
      }
      var behaviour = DirtyBehaviour(
        pattern, writeRate: rate, workingSetPages: pages(workingSet ?? memory, page))
      guard pattern == .hotcold else { return behaviour }
      guard let hotSet, let hotWriteFraction else {
        throw UsageError("--workload hotcold needs --hot-set and --hot-write-fraction")
      }
      guard (0...1).contains(hotWriteFraction.siValue) else {
        throw UsageError("--hot-write-fraction: \(hotWriteFraction) is not a share, 0 to 1")
      }
      behaviour.hotSetPages = pages(hotSet, page)
      behaviour.hotWriteFraction = hotWriteFraction.siValue
      return behaviour
    }
  }
}
