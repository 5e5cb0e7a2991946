import LinearAlgebra
import ModelCore
import Regression

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Prints one CSV line: rows, columns, batch, threads (0: without the parallel reduction), seconds
/// spent in the reduction alone, peak resident kilobytes of the whole process, bytes of the saved
/// state, its checksum, and the largest relative error of a coefficient against those the data
/// were made with.
struct Generator {
  private var state: UInt64 = 20_240_611
  let names = (1...16).map { "x\($0)" }

  mutating func unit() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-53
  }

  /// y = 3 + x1 + ... + x16 + noise in (-0.5, 0.5).
  mutating func batch(_ rows: Int) throws -> Table {
    var columns: [Column] = []
    var y = [Double](repeating: 3, count: rows)
    for name in names {
      let x = (0..<rows).map { _ in 1000 * unit() }
      for i in 0..<rows { y[i] += x[i] }
      columns.append(Column(name, .numbers(NumericColumn(storage: x))))
    }
    for i in 0..<rows { y[i] += unit() - 0.5 }
    return try Table(columns + [Column("y", .numbers(NumericColumn(storage: y)))])
  }
}

func peakKilobytes() -> Int {
  var usage = rusage()
  getrusage(0, &usage)
  return Int(usage.ru_maxrss)
}

let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
guard arguments.count == 3 else {
  print("usage: stream-measure ROWS BATCH THREADS")
  exit(64)
}
let (total, size, threads) = (arguments[0], arguments[1], arguments[2])
var generator = Generator()
let formula = try Formula("y ~ " + generator.names.joined(separator: " + "))
var batch = try generator.batch(size)
let design = try StreamingDesign(formula, like: batch)
var (serial, parallel) = (
  LeastSquaresState(design), ParallelReduction(design, threads: max(threads, 1))
)
let clock = ContinuousClock()
var (spent, rows) = (Duration.zero, 0)
while rows < total {
  spent += try clock.measure {
    if threads == 0 { try serial.add(batch) } else { try parallel.add(batch) }
  }
  rows += size
  if rows < total { batch = try generator.batch(size) }
}
spent += try clock.measure { if threads > 0 { serial = try parallel.finish() } }
let fit = try serial.fit()
let worst = fit.coefficients.dropFirst().reduce(0) { max($0, abs(($1.estimate ?? 0) - 1)) }
let bytes = serial.encoded()
let checksum = bytes.reduce(UInt64(14_695_981_039_346_656_037)) {
  ($0 ^ UInt64($1)) &* 1_099_511_628_211
}
let seconds = Double(spent.components.seconds) + Double(spent.components.attoseconds) * 1e-18
print("rows,columns,batch,threads,seconds,peak_kb,state_bytes,state_checksum,worst_error")
let figures: [any CustomStringConvertible] = [
  serial.nobs, 16, size, threads, seconds, peakKilobytes(), bytes.count, checksum, worst,
]
print(figures.map(\.description).joined(separator: ","))
