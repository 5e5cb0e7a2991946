/// Up to `limit` words that a misspelt one may have meant, nearest first.
///
/// Near means a Damerau-Levenshtein distance (optimal string alignment) of at most a third of
/// the longer word, or one word being a prefix or a dotted part of the other.
public func nearestWords(to word: String, among words: [String], limit: Int = 3) -> [String] {
  let typed = Array(word.lowercased().unicodeScalars)
  guard !typed.isEmpty else { return [] }
  var scored: [(distance: Int, word: String)] = []
  for candidate in words {
    let known = Array(candidate.lowercased().unicodeScalars)
    let distance = editDistance(typed, known)
    let related =
      known.starts(with: typed) || typed.starts(with: known)
      || candidate.lowercased().split(separator: ".").contains { $0 == word.lowercased() }
    if related {
      scored.append((min(distance, 1), candidate))
    } else if distance * 3 <= max(typed.count, known.count) {
      scored.append((distance, candidate))
    }
  }
  return scored.sorted { ($0.distance, $0.word) < ($1.distance, $1.word) }.prefix(limit).map(\.word)
}

/// "; did you mean a, b or c?", or nothing.
public func suggestion(_ words: [String]) -> String {
  guard let last = words.last else { return "" }
  let head = words.dropLast().joined(separator: ", ")
  return "; did you mean \(head.isEmpty ? last : "\(head) or \(last)")?"
}

private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
  var twoBack = [Int](repeating: 0, count: right.count + 1)
  var previous = Array(0...right.count)
  for i in left.indices {
    var current = [i + 1]
    for j in right.indices {
      var best = min(previous[j + 1], current[j]) + 1
      best = min(best, previous[j] + (left[i] == right[j] ? 0 : 1))
      if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
        best = min(best, twoBack[j - 1] + 1)
      }
      current.append(best)
    }
    (twoBack, previous) = (previous, current)
  }
  return previous[right.count]
}

/// The shortest decimal that reads back as the same double, integers without ".0".
public func shortestDecimal(_ value: Double) -> String {
  let text = value.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
