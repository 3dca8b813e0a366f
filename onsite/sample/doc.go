// Package sample builds and serves the sample installation: a SuperOffice
// database, its document archive, Customer Service folder, configuration files
// and a NetServer stand-in, for the demo and for tests.
//
// Everything follows from the seed in Options. The builder writes down what it
// made (Expect), so that tests compare the product with the builder's own
// knowledge. Nothing here may be used by the product itself: onsite reads a
// sample installation exactly as it reads a customer's.
//
// The package knows nothing of TDS; that is package mssql below it.
package sample
