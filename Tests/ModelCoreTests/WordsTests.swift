import ModelCore
import Testing

@Suite struct WordsTests {
  @Test(arguments: [
    ("liu.basc", "liu.basic"), ("basic", "liu.basic"), ("akosh.avg", "akoush.avg"),
  ])
  func nearest(typed: String, meant: String) {
    #expect(
      nearestWords(to: typed, among: ["akoush.avg", "liu.basic", "qemu.precopy"]).first == meant)
  }

  @Test func nothingNear() {
    #expect(nearestWords(to: "zzzzzz", among: ["akoush.avg", "liu.basic"]).isEmpty)
  }

  @Test(arguments: [(31.0, "31"), (0.1, "0.1"), (1e300, "1e+300"), (-0.5, "-0.5")])
  func decimals(value: Double, text: String) {
    #expect(shortestDecimal(value) == text)
    #expect(Double(text) == value)
  }
}
