"""What theory predicts: how many exotic particles, with what momenta, how long they live, what they decay into."""
