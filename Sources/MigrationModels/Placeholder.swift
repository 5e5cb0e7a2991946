enum MigrationModelsPlaceholder {}
