extension MergeableQR {
  /// Cuts a block into strips and takes each into the sums of products, then into the triangle.
  ///
  /// - Parameters:
  ///   - roots: square roots of the weights.
  ///   - scales: the power of two for each column.
  mutating func addStrips(
    _ block: Matrix, weights: [Double]?, roots: [Double]?, scales: [Double]
  ) {
    typealias Quad = StripKernel.Quad
    let (order, total) = (columns, block.rows)
    let size = order * StripKernel.quads
    // Values and halves; with weights a second set for w z, and the rounding errors of w z.
    let parts = weights == nil ? 3 : 8
    var workspace = [Quad](repeating: .zero, count: parts * size)
    var used = [Bool](repeating: false, count: order)
    workspace.withUnsafeMutableBufferPointer { space in
      guard let start = space.baseAddress else { return }
      block.storage.withUnsafeBufferPointer { elements in
        for first in stride(from: 0, to: total, by: StripKernel.rows) {
          let count = min(StripKernel.rows, total - first)
          let quads = (count + 3) / 4
          for j in 0..<order {
            used[j] = Self.fill(
              start + j * quads, quads, elements, from: first + j * total, count: count,
              scale: scales[j])
          }
          let length = order * quads
          let right = StripKernel.Split(
            values: start, upper: start + length, lower: start + 2 * length)
          right.split(length)
          guard let weights, let roots else {
            addProducts(right, right, errors: nil, quads: quads, used: used)
            foldStrip(start, quads: quads)
            continue
          }
          let left = StripKernel.Split(
            values: start + 3 * length, upper: start + 4 * length, lower: start + 5 * length)
          let errors = start + 6 * length
          let weighting = start + 7 * length
          Self.fill(weighting, quads, weights, from: first, count: count)
          for j in 0..<order {
            for i in 0..<quads {
              let position = j * quads + i
              (left.values[position], errors[position]) = Self.product(
                weighting[i], right.values[position])
            }
          }
          left.split(length)
          addProducts(left, right, errors: errors, quads: quads, used: used)
          Self.fill(weighting, quads, roots, from: first, count: count)
          for j in 0..<order {
            for i in 0..<quads { start[j * quads + i] *= weighting[i] }
          }
          foldStrip(start, quads: quads)
        }
      }
    }
  }

  /// Takes the rows of another triangle of the same columns and scales.
  mutating func addTriangle(_ other: [Double]) {
    let order = columns
    var strip = [StripKernel.Quad](repeating: .zero, count: order * StripKernel.quads)
    strip.withUnsafeMutableBufferPointer { space in
      guard let start = space.baseAddress else { return }
      other.withUnsafeBufferPointer { elements in
        for first in stride(from: 0, to: order, by: StripKernel.rows) {
          let count = min(StripKernel.rows, order - first)
          let quads = (count + 3) / 4
          for j in 0..<order {
            _ = Self.fill(
              start + j * quads, quads, elements, from: first + j * order, count: count, scale: 1)
          }
          foldStrip(start, quads: quads)
        }
      }
    }
  }

  private mutating func foldStrip(_ strip: UnsafeMutablePointer<StripKernel.Quad>, quads: Int) {
    let order = columns
    triangle.withUnsafeMutableBufferPointer {
      guard let target = $0.baseAddress else { return }
      StripKernel.fold(strip, quads: quads, into: target, order: order)
    }
  }

  private mutating func addProducts(
    _ left: StripKernel.Split, _ right: StripKernel.Split,
    errors: UnsafeMutablePointer<StripKernel.Quad>?, quads: Int, used: [Bool]
  ) {
    let order = columns
    productsHigh.withUnsafeMutableBufferPointer { high in
      productsLow.withUnsafeMutableBufferPointer { low in
        for j in 0..<order where used[j] {
          let b = right.column(j, quads)
          for i in 0...j where used[i] {
            let sum = StripKernel.sumOfProducts(
              left.column(i, quads), b, errors: errors.map { $0 + i * quads }, quads: quads)
            let position = i + j * order
            var running = DoubleDouble(high: high[position], low: low[position])
            running.add(sum)
            high[position] = running.high
            low[position] = running.low
          }
        }
      }
    }
  }

  /// Copies and scales; rows that fill the last quad are zero. Whether there is anything but zeros.
  private static func fill(
    _ target: UnsafeMutablePointer<StripKernel.Quad>, _ quads: Int,
    _ source: UnsafeBufferPointer<Double>, from start: Int, count: Int, scale: Double
  ) -> Bool {
    var largest = StripKernel.Quad.zero
    var position = start
    let full = count / 4
    for i in 0..<full {
      let quad =
        StripKernel.Quad(
          source[position], source[position + 1], source[position + 2], source[position + 3])
        * scale
      target[i] = quad
      largest += quad * quad
      position += 4
    }
    if full < quads {
      var quad = StripKernel.Quad.zero
      for lane in 0..<(count - 4 * full) { quad[lane] = source[position + lane] * scale }
      target[full] = quad
      largest += quad * quad
    }
    return largest != .zero
  }

  private static func fill(
    _ target: UnsafeMutablePointer<StripKernel.Quad>, _ quads: Int, _ source: [Double],
    from start: Int, count: Int
  ) {
    source.withUnsafeBufferPointer {
      _ = fill(target, quads, $0, from: start, count: count, scale: 1)
    }
  }

  /// The product and its rounding error.
  private static func product(
    _ a: StripKernel.Quad, _ b: StripKernel.Quad
  ) -> (StripKernel.Quad, StripKernel.Quad) {
    let product = a * b
    let (wideA, wideB) = (a * 134_217_729, b * 134_217_729)
    let (ah, bh) = (wideA - (wideA - a), wideB - (wideB - b))
    let (al, bl) = (a - ah, b - bh)
    return (product, (((ah * bh - product) + ah * bl) + al * bh) + al * bl)
  }
}
