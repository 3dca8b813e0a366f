// Package board is a board of cards in columns with room for so many: the plan
// board of the migration. Model decides everything and knows nothing of fyne;
// Board draws it and turns clicks, keys and drags into calls of the model. What a
// card stands for is the caller's business.
package board
