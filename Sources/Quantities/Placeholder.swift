enum QuantitiesPlaceholder {}
