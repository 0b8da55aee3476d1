"""The program that makes the sample talk: its words, its voices, its faces, its picture."""
