// Package decode reads database packages (.bacpac): the model, and the rows of
// every data part by it. It serves verification and tests.
//
// It is written from the description of the format alone and imports nothing
// from the writer above it (of migration only the types of its answers), and no table may ever be shared between the two: a
// reader that repeats the writer's mistake would call a broken package good.
package decode
