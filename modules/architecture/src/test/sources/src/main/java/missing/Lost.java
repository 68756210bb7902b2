package missing;

class Lost {}
