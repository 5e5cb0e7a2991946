/// The parts of a state, to be written to a file and read back.
extension MergeableQR {
  package struct Parts: Sendable, Equatable {
    package var rows: Int
    package var exponents: [Int?]
    /// Upper triangles, packed column after column.
    package var triangle: [Double]
    package var productsHigh: [Double]
    package var productsLow: [Double]
    package var rowsOfProducts: Int?

    package init(
      rows: Int, exponents: [Int?], triangle: [Double], productsHigh: [Double],
      productsLow: [Double], rowsOfProducts: Int?
    ) {
      self.rows = rows
      self.exponents = exponents
      self.triangle = triangle
      self.productsHigh = productsHigh
      self.productsLow = productsLow
      self.rowsOfProducts = rowsOfProducts
    }
  }

  package var parts: Parts {
    guard looseRows == 0 else { return settled().parts }
    return Parts(
      rows: rows, exponents: exponents, triangle: packed(triangle),
      productsHigh: packed(productsHigh), productsLow: packed(productsLow),
      rowsOfProducts: rowsOfProducts)
  }

  /// `nil` for parts of another size, for numbers that are not finite, and for a triangle that
  /// does not belong to the sums of products.
  package init?(columns: Int, _ parts: Parts) {
    self.init(columns: columns)
    let size = columns * (columns + 1) / 2
    guard parts.rows >= 0, (0...parts.rows).contains(parts.rowsOfProducts ?? 0),
      parts.exponents.count == columns,
      [parts.triangle, parts.productsHigh, parts.productsLow].allSatisfy({
        $0.count == size && $0.allSatisfy(\.isFinite)
      }),
      parts.exponents.allSatisfy({ abs($0 ?? 0) <= Self.exponentLimit })
    else { return nil }
    rows = parts.rows
    rowsOfProducts = parts.rowsOfProducts
    exponents = parts.exponents
    unpack(parts.triangle, into: &triangle)
    unpack(parts.productsHigh, into: &productsHigh)
    unpack(parts.productsLow, into: &productsLow)
    guard isConsistent else { return nil }
  }

  /// Whether |R e_j|^2 is the sum of squares of each column, up to the rounding of many strips.
  private var isConsistent: Bool {
    (0..<columns).allSatisfy { j in
      let square = (0...j).reduce(0.0) {
        $0 + triangle[$1 + j * columns] * triangle[$1 + j * columns]
      }
      let expected = productsHigh[j + j * columns]
      return expected >= 0 && abs(square - expected) <= 1e-6 * expected
        && (rows > 0 || expected == 0)
    }
  }

  private func packed(_ square: [Double]) -> [Double] {
    (0..<columns).flatMap { j in (0...j).map { square[$0 + j * columns] } }
  }

  private func unpack(_ values: [Double], into square: inout [Double]) {
    var next = 0
    for j in 0..<columns {
      for i in 0...j {
        square[i + j * columns] = values[next]
        next += 1
      }
    }
  }
}
