//go:build !race

package migration_test

const cutStep = 1
