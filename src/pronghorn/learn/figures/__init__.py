"""The lessons' live figures: each trains real nets while its controls move."""
