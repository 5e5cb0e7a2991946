import Foundation
import QueueingModels
import TestSupport
import Testing

@Suite struct PrismTests {
  static let text = """
    // M/M/2/4, twice over
    ctmc
    const double lambda = 0.5;
    const int K = 4;
    formula busy = min(n, 2);
    module queue
      n : [0..K] init 1;
      open : bool init true;
      [] n<K & open -> lambda : (n'=n+1);
      [] n>0 -> 0.4*busy : (n'=n-1);
      [] true -> 0.01 : (open'=!open);
    endmodule
    module clock
      tick : [0..1];
      [] true -> 2 : (tick'=mod(tick+1,2)) + 0 : true;
    endmodule
    label "full" = n=K;
    rewards "waiting" n>2 : n-2; n=2 & !open : 0.5; endrewards
    """

  @Test func readsTheSubset() throws {
    let model = try PrismModel.read(Self.text, file: "queue.prism")
    #expect(model.states.count == 20)
    #expect(model.states[model.initial] == [1, 1, 0])
    let p = try model.chain.stationaryDistribution()
    // The clock runs beside: both its states have half of the time.
    let tick = model.states.map { $0[2] == 1 }
    #expect(abs(model.probability(tick, p) - 0.5) < 1e-14)
    let open = model.states.map { $0[1] == 1 }
    #expect(abs(model.probability(open, p) - 0.5) < 1e-14)
    #expect(model.labels["full"]?.count(where: { $0 }) == 4)
    // Four states of n = 4, four of n = 3, two of n = 2 while closed.
    let rewards: Double = try #require(model.rewards["waiting"]).reduce(0, +)
    #expect(rewards == 13)
  }

  @Test func writesWhatItReads() throws {
    let queue = try ConcurrentMigrations(
      pending: [2, 1], arrivalRate: 0.1, serviceRate: 0.3, senderSlots: 1, receiverSlots: [1, 1],
      capacity: 3, sharesLinks: true)
    let model = try queue.model()
    let text = PrismModel.write(model, title: "two senders, two receivers")
    let back = try PrismModel.read(text, file: "back.prism")
    #expect(back.states == model.states)
    #expect(back.chain == model.chain)
    #expect(back.labels == model.labels && back.rewards == model.rewards)
    #expect(PrismModel.write(back, title: "two senders, two receivers") == text)
  }

  static let refusals: [(String, String)] =
    [
      ("dtmc\n", "f:1:1: a model of kind dtmc is not supported; only ctmc is"),
      ("ctmc\nmodule m\n  x : [0..1];\n  [] x=0 -> 1:(x'=2);\nendmodule", "f:4:16: x becomes 2"),
      ("ctmc\nmodule m\n x : [0..1];\n [] y=0 -> 1:(x'=1);\nendmodule", "f:4:5: no constant"),
      ("ctmc\nconst int N;\n", "f:2:12: the constant N needs a value"),
      (
        "ctmc\nmodule a\n x:[0..1];\n[]x=0->1:(x'=1);\nendmodule\nmodule b = a [x=y] endmodule",
        "f:6:10: renaming a module is not supported"
      ),
      (
        "ctmc\nmodule a\n x:[0..1];\n [go] x=0->1:(x'=1);\nendmodule\nmodule b\n y:[0..1];\n"
          + " [go] y=0->1:(y'=1);\nendmodule", "f:8:3: the action go is in the modules a and b"
      ),
      ("ctmc\nmodule m\n x:[0..1];\n [] x=0 -> -1:(x'=1);\nendmodule", "f:4:12: the rate is -1.0"),
      ("ctmc\nmodule m\n x:[0..1];\n [] x=0 -> 1/0:(x'=1);\nendmodule", "division by zero"),
      ("ctmc\nmodule m\n x:[0..1];\n [] x -> 1:(x'=1);\nendmodule", "a number stands where"),
      ("ctmc\nmodule m\n x:[0..1] init 4;\nendmodule", "f:3:16: x starts at 4"),
      ("ctmc\nmodule m\n x:[3..1];\nendmodule", "the range is empty"),
      ("ctmc\ninit true endinit", "f:2:1: \"init\" is not supported"),
      ("ctmc\nmodule m\n x:[0..1];\n [] x=0 -> 1:(x'=1)\nendmodule", "f:5:1: found \"endmodule\""),
      ("ctmc\nformula a = b; formula b = a;\nmodule m x:[0..a]; endmodule", "defined by itself"),
      ("ctmc\nrewards \"r\" [a] true : 1; endrewards", "rewards of transitions"),
      ("ctmc @", "f:1:6: \"@\" is no sign"), ("ctmc\nlabel \"x = 1;", "does not end on this line"),
      ("", "f:1:1: found the end of the file; expected \"ctmc\""), ("ctmc", "expected a module"),
      ("ctmc\nmodule m\n x:[0..1];\n x:[0..1];\nendmodule", "x is declared twice"),
      (
        "ctmc\nmodule m\n a:[0..3];\n b:[mod(a,2)..3];\nendmodule",
        "f:4:9: a variable stands where a constant is needed"
      ),
      (
        "ctmc\nmodule m\n a:[0..3];\n [] a<3 -> 1:(a'=a+1);\nendmodule\nrewards \"r\"\n"
          + " a=1 : log(2+a,1); endrewards", "f:7:8: log gives inf, which is no number"
      ),
      (
        "ctmc\nmodule m\n a:[0..3];\n [] a<3 -> 1:(a'=a+1);\nendmodule\nrewards \"r\"\n"
          + " a=1 : 1e308*9-1e308*9; endrewards", "f:7:2: the reward is no number where a=1"
      ),
      (
        // Each formula uses the next one twice: 2^40 uses in all.
        "ctmc\n" + (0..<40).map { "formula f\($0)=f\($0 + 1)+f\($0 + 1);\n" }.joined()
          + "formula f40=1;\nmodule m x:[0..f0]; endmodule", "formulas are used more than 100000"
      ),
      (
        "ctmc\nmodule m\n x:[0..1];\n [] true -> " + String(repeating: "(", count: 5000),
        "levels of parentheses"
      ),
      (
        "ctmc\nmodule m\n x:[0..1];\n [] true -> " + String(repeating: "-", count: 5000)
          + "1:true;",
        "signs in a row"
      ),
    ]

  @Test(arguments: refusals)
  func refusesWithPlace(_ text: String, _ words: String) {
    #expect {
      try PrismModel.read(text, file: "f")
    } throws: { error in
      "\(error)".contains(words)
    }
  }

  /// Cut anywhere, a model is refused or read, never a crash.
  @Test func everyPrefixIsAnswered() {
    let characters = Array(Self.text)
    var refused = 0
    for end in characters.indices {
      do {
        _ = try PrismModel.read(String(characters[..<end]), file: "cut")
      } catch {
        refused += 1
        guard case .syntax = error else {
          Issue.record("\(end): \(error)")
          continue
        }
      }
    }
    #expect(refused > characters.count / 2)
  }

  @Test func tooManyStatesAreRefused() {
    let text = """
      ctmc
      module m
        a : [0..999]; b : [0..999];
        [] a<999 -> 1:(a'=a+1);
        [] b<999 -> 1:(b'=b+1);
      endmodule
      """
    let expected = QueueingError.tooLarge(
      "the model has more than 500000 states; make it smaller")
    #expect(throws: PrismReadError.model(expected)) { try PrismModel.read(text, file: "big") }
  }

  /// A sum is as deep as its parentheses, however long it is.
  @Test func longSumsAreRead() throws {
    let text = """
      ctmc
      module m
        x : [0..1];
        [] x=0 -> 1\(String(repeating: "+1", count: 100_000)) : (x'=1);
      endmodule
      """
    let model = try PrismModel.read(text, file: "sum.prism")
    #expect(model.chain.transitions(from: 0).map(\.rate) == [100_001])
  }

  static let faults = Fixtures.directory.appending(path: "queueing/prism-faults")

  /// What a fuzzer found: each once trapped, or was read into what does not read back.
  @Test(arguments: try FileManager.default.contentsOfDirectory(atPath: faults.path).sorted())
  func findsAreRefused(_ name: String) throws {
    let text = try String(contentsOf: Self.faults.appending(path: name), encoding: .utf8)
    #expect {
      try PrismModel.read(text, file: name)
    } throws: { error in
      if case .syntax? = error as? PrismReadError { return "\(error)".hasPrefix("\(name):") }
      return false
    }
  }
}
